namespace SubspaceCircuits.Tests.KnownCircuits.Catalogue;

/// <summary>
/// d_model and blocks of the tested sizes, as a prototype of the compiler in another language laid them out (BOS, the first block, left out). Blocks of
/// one name are different variables.
/// </summary>
internal static class Layouts
{
    public static readonly IReadOnlyDictionary<string, (int DModel, string Blocks)> All = new Dictionary<string, (int, string)>
    {
        ["copy"] = (23, "tokens(11) identity(11)"),
        ["succ_map"] = (11, "tokens(5) succ(5)"),
        ["prev_token"] = (17, "tokens(4) indices(8) prev_tok(4)"),
        ["next_token"] = (15, "tokens(4) indices(6) next_tok(4)"),
        ["rotation_identifier"] = (21, "tokens(5) indices(8) prev2(5) rot_id(2)"),
        ["induction"] = (41, "tokens(8) indices(16) prev_tok(8) pred(8)"),
        // The prototype had no row for it; the program is that of induction.
        ["unique_bigram_copy"] = (111, "tokens(26) indices(32) prev_tok(26) pred(26)"),
        ["qk_induction"] = (37, "tokens(6) indices(12) prev_tok(6) prev_tok2(6) pred(6)"),
        ["trigram_induction"] = (40, "tokens(3) indices(9) prev2(3) prev1(3) key_bigram(9) query_bigram(9) pred(3)"),
        ["length"] = (14, "tokens(3) length.scratch(1) length(9)"),
        ["hist"] = (15, "tokens(3) hist.scratch(1) hist(10)"),
        ["frac_prevs"] = (11, "tokens(4) is_x(1) indices(4) frac_prevs(1)"),
        ["frac_prevs_causal"] = (16, "tokens(4) is_x(1) indices(9) frac_prevs(1)"),
        ["reverse"] = (29, "tokens(4) indices(6) length.scratch(1) length(7) opp_idx(6) reverse(4)"),
        ["sort_unique"] = (35, "tokens(8) target_pos.scratch(1) target_pos(9) indices(8) sorted(8)"),
        ["sort"] = (131, "tokens(10) indices(9) uniq_keys(90) target_pos.scratch(1) target_pos(10) sorted(10)"),
        ["most_freq"] = (58, "tokens(4) hist.scratch(1) hist(6) indices(5) neg_hist_idx(30) target_pos.scratch(1) target_pos(6) sorted(4)"),
        ["pair_balance"] = (20, "tokens(5) is_((1) indices(9) opens(1) is_)(1) closes(1) balance(1)"),
        ["shuffle_dyck1"] = (47, "tokens(3) is_((1) indices(8) opens_()(1) is_)(1) closes_()(1) balance_()(1) zero(2) length.scratch(1) length(9) last_idx(8) last_zero(2) neg(2) neg_num(1) has_neg(1) not_has_neg(2) dyck(2)"),
        ["shuffle_dyck2"] = (56, "tokens(5) is_((1) indices(6) opens_()(1) is_)(1) closes_()(1) balance_()(1) zero(2) is_{(1) opens_{}(1) is_}(1) closes_{}(1) balance_{}(1) zero(2) all_zero(2) length.scratch(1) length(7) last_idx(6) last_zero(2) neg(2) neg(2) any_neg(2) neg_num(1) has_neg(1) not_has_neg(2) dyck(2)"),
        ["detect_ab"] = (17, "tokens(2) is_a_1(2) indices(6) is_a_sh1(2) is_b_0(2) and(2)"),
        ["detect_abc"] = (27, "tokens(3) is_a_2(2) indices(9) is_a_sh2(2) is_b_1(2) is_b_sh1(2) and(2) is_c_0(2) and(2)"),
        ["count_a"] = (15, "tokens(3) count_a.scratch(1) count_a(10)"),
        ["dedup_all"] = (34, "tokens(3) indices(5) tok_idx(15) n_earlier.scratch(1) n_earlier(6) dedup(3)"),
        ["dedup_causal"] = (21, "tokens(5) n_sofar.scratch(1) n_sofar(9) dedup(5)"),
        ["dedup_consecutive"] = (18, "tokens(3) indices(8) prev(3) dedup(3)"),
        ["double_hist"] = (20, "tokens(3) hist.scratch(1) hist(7) double_hist.scratch(1) double_hist(7)"),
        ["first_token"] = (29, "tokens(10) indices(8) first(10)"),
        // The prototype named the block first_occ, after another program.
        ["identity_attn"] = (15, "tokens(3) indices(8) identity(3)"),
        ["count_greater"] = (17, "tokens(6) n_greater.scratch(1) n_greater(9)"),
        ["rank"] = (26, "tokens(6) n_less.scratch(1) n_less(9) rank(9)"),
        ["trend"] = (18, "tokens(3) indices(8) next(3) trend(3)"),
        ["oscillation"] = (25, "tokens(4) indices(6) prev(4) up1(2) next(4) up2(2) osc(2)"),
        ["alternation"] = (22, "tokens(3) indices(6) prev(3) ne1(2) next(3) ne2(2) alt(2)"),
        ["freq_class"] = (27, "tokens(5) hist.scratch(1) hist(8) length.scratch(1) length(8) freq_class(3)"),
        ["palindrome"] = (29, "tokens(3) indices(6) length.scratch(1) length(7) opp_idx(6) reverse(3) palin(2)"),
        ["sum_digits"] = (55, "tokens(29) tens(3) ones(10) sum_digits(12)"),
        ["max_element"] = (63, "tokens(5) indices(6) uniq(30) leq_count.scratch(1) leq_count(7) length.scratch(1) length(7) max(5)"),
        ["check_increasing"] = (27, "tokens(4) indices(6) prev(4) ok(2) n_bad.scratch(1) n_bad(7) increasing(2)"),
        ["last_two_equal"] = (40, "tokens(4) indices(6) length.scratch(1) length(7) last(6) v_last(4) last2(5) v_last2(4) eq_last_two(2)"),
        ["swap_first_last"] = (29, "tokens(4) indices(6) length.scratch(1) length(7) target(6) swapped(4)"),
        ["toy_ioi"] = (25, "tokens(5) hist.scratch(1) hist(5) once_name(4) is_once(1) indices(4) io(4)"),
    };
}
