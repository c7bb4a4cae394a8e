import { expect, it } from "vitest";
import { duration, number, percent, tokenText } from "../src/format";
import { ticks } from "../src/validation/ticks";

it.each([
  [0, "0%"], [1, "100%"], [0.984, "98.4%"], [0.0213, "2.13%"], [0.00041, "0.041%"], [0.00001, "<0.01%"], [0.99999, ">99.9%"], [-0.2, "−20.0%"], [null, "–"], [NaN, "–"],
])("percent of %s is %s", (value, text) => expect(percent(value)).toBe(text));

it.each([
  [0, "0"], [3.14159, "3.14"], [0.01312, "0.0131"], [67000, "67,000"], [0.00001234, "1.2e−5"], [2.5e7, "2.5e+7"], [undefined, "–"],
])("number %s is %s", (value, text) => expect(number(value)).toBe(text));

it.each([[5.04, "5.0 s"], [63.1, "63 s"], [250, "4 min 10 s"]])("duration of %s is %s", (value, text) => expect(duration(value)).toBe(text));

it.each([[" the", "␣the"], ["\n", "↵"], ["", "∅"], ["<b>", "<b>"]])("token %j is written %s", (token, text) => expect(tokenText(token)).toBe(text));

it.each([[7, [0, 2, 4, 6, 8]], [105, [0, 50, 100, 150]], [0, [0]]])("ticks up to %s are round", (to, values) => expect(ticks(0, to)).toEqual(values));
