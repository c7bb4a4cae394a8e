namespace SubspaceCircuits.Tests.KnownCircuits.Catalogue;

/// <summary>The transformer of a program.</summary>
/// <param name="DModel">Width of the residual stream.</param>
/// <param name="Blocks">Its parts with their sizes, without BOS, the first one. Parts of one name belong to different variables.</param>
/// <param name="Edges">
/// What is read to write a variable: by a head of layer 1, <c>a1[Q:queries K:keys V:value -> written]</c>, with - where nothing is read and without V for a
/// width; by an MLP, <c>m1[read,read -> written]</c>. A width is written by the MLP of the layer that its head is in.
/// </param>
internal sealed record Layout(int DModel, IReadOnlyList<string> Blocks, IReadOnlyList<string> Edges)
{
    /// <summary>
    /// The tested sizes, by program, as a prototype of the compiler in another language laid them out: name and width, blocks, edges. It had no row for
    /// unique_bigram_copy, which is the program of induction, and the block of identity_attn was named first_occ after another program.
    /// </summary>
    public static IReadOnlyDictionary<string, Layout> All { get; } = """
        copy 23
            tokens(11) identity(11)
            m0[tokens -> identity]
        succ_map 11
            tokens(5) succ(5)
            m0[tokens -> succ]
        prev_token 17
            tokens(4) indices(8) prev_tok(4)
            a0[Q:indices K:indices V:tokens -> prev_tok]
        next_token 15
            tokens(4) indices(6) next_tok(4)
            a0[Q:indices K:indices V:tokens -> next_tok]
        rotation_identifier 21
            tokens(5) indices(8) prev2(5) rot_id(2)
            a0[Q:indices K:indices V:tokens -> prev2]; m0[tokens,prev2 -> rot_id]
        induction 41
            tokens(8) indices(16) prev_tok(8) pred(8)
            a0[Q:indices K:indices V:tokens -> prev_tok]; a1[Q:tokens K:prev_tok V:tokens -> pred]
        unique_bigram_copy 111
            tokens(26) indices(32) prev_tok(26) pred(26)
            a0[Q:indices K:indices V:tokens -> prev_tok]; a1[Q:tokens K:prev_tok V:tokens -> pred]
        qk_induction 37
            tokens(6) indices(12) prev_tok(6) prev_tok2(6) pred(6)
            a0[Q:indices K:indices V:tokens -> prev_tok]; a0[Q:indices K:indices V:tokens -> prev_tok2]; a1[Q:prev_tok2 K:prev_tok V:tokens -> pred]
        trigram_induction 40
            tokens(3) indices(9) prev2(3) prev1(3) key_bigram(9) query_bigram(9) pred(3)
            a0[Q:indices K:indices V:tokens -> prev2]; a0[Q:indices K:indices V:tokens -> prev1]; a1[Q:query_bigram K:key_bigram V:tokens -> pred]; m0[prev2,prev1 -> key_bigram]; m0[prev1,tokens -> query_bigram]
        length 14
            tokens(3) length.scratch(1) length(9)
            a0[Q:- K:- -> length]
        hist 15
            tokens(3) hist.scratch(1) hist(10)
            a0[Q:tokens K:tokens -> hist]
        frac_prevs 11
            tokens(4) is_x(1) indices(4) frac_prevs(1)
            a1[Q:indices K:indices V:is_x -> frac_prevs]; m0[tokens -> is_x]
        frac_prevs_causal 16
            tokens(4) is_x(1) indices(9) frac_prevs(1)
            a1[Q:- K:- V:is_x -> frac_prevs]; m0[tokens -> is_x]
        reverse 29
            tokens(4) indices(6) length.scratch(1) length(7) opp_idx(6) reverse(4)
            a0[Q:- K:- -> length]; a2[Q:opp_idx K:indices V:tokens -> reverse]; m1[length,indices -> opp_idx]
        sort_unique 35
            tokens(8) target_pos.scratch(1) target_pos(9) indices(8) sorted(8)
            a0[Q:tokens K:tokens -> target_pos]; a1[Q:indices K:target_pos V:tokens -> sorted]
        sort 131
            tokens(10) indices(9) uniq_keys(90) target_pos.scratch(1) target_pos(10) sorted(10)
            a1[Q:uniq_keys K:uniq_keys -> target_pos]; a2[Q:indices K:target_pos V:tokens -> sorted]; m0[tokens,indices -> uniq_keys]
        most_freq 58
            tokens(4) hist.scratch(1) hist(6) indices(5) neg_hist_idx(30) target_pos.scratch(1) target_pos(6) sorted(4)
            a0[Q:tokens K:tokens -> hist]; a2[Q:neg_hist_idx K:neg_hist_idx -> target_pos]; a3[Q:indices K:target_pos V:tokens -> sorted]; m1[hist,indices -> neg_hist_idx]
        pair_balance 20
            tokens(5) is_((1) indices(9) opens(1) is_)(1) closes(1) balance(1)
            a1[Q:indices K:indices V:is_( -> opens]; a1[Q:indices K:indices V:is_) -> closes]; m0[tokens -> is_(]; m0[tokens -> is_)]; m1[opens,closes -> balance]
        shuffle_dyck1 47
            tokens(3) is_((1) indices(8) opens_()(1) is_)(1) closes_()(1) balance_()(1) zero(2) length.scratch(1) length(9) last_idx(8) last_zero(2) neg(2) neg_num(1) has_neg(1) not_has_neg(2) dyck(2)
            a0[Q:- K:- -> length]; a1[Q:indices K:indices V:is_( -> opens_()]; a1[Q:indices K:indices V:is_) -> closes_()]; a3[Q:last_idx K:indices V:zero -> last_zero]; a4[Q:- K:- V:neg_num -> has_neg]; m0[tokens -> is_(]; m0[tokens -> is_)]; m1[opens_(),closes_() -> balance_()]; m1[length -> last_idx]; m2[balance_() -> zero]; m2[balance_() -> neg]; m3[neg -> neg_num]; m4[has_neg -> not_has_neg]; m5[last_zero,not_has_neg -> dyck]
        shuffle_dyck2 56
            tokens(5) is_((1) indices(6) opens_()(1) is_)(1) closes_()(1) balance_()(1) zero(2) is_{(1) opens_{}(1) is_}(1) closes_{}(1) balance_{}(1) zero(2) all_zero(2) length.scratch(1) length(7) last_idx(6) last_zero(2) neg(2) neg(2) any_neg(2) neg_num(1) has_neg(1) not_has_neg(2) dyck(2)
            a0[Q:- K:- -> length]; a1[Q:indices K:indices V:is_( -> opens_()]; a1[Q:indices K:indices V:is_) -> closes_()]; a1[Q:indices K:indices V:is_{ -> opens_{}]; a1[Q:indices K:indices V:is_} -> closes_{}]; a4[Q:last_idx K:indices V:all_zero -> last_zero]; a5[Q:- K:- V:neg_num -> has_neg]; m0[tokens -> is_(]; m0[tokens -> is_)]; m0[tokens -> is_{]; m0[tokens -> is_}]; m1[opens_(),closes_() -> balance_()]; m1[opens_{},closes_{} -> balance_{}]; m1[length -> last_idx]; m2[balance_() -> zero]; m2[balance_{} -> zero]; m2[balance_() -> neg]; m2[balance_{} -> neg]; m3[zero,zero -> all_zero]; m3[neg,neg -> any_neg]; m4[any_neg -> neg_num]; m5[has_neg -> not_has_neg]; m6[last_zero,not_has_neg -> dyck]
        detect_ab 17
            tokens(2) is_a_1(2) indices(6) is_a_sh1(2) is_b_0(2) and(2)
            a1[Q:indices K:indices V:is_a_1 -> is_a_sh1]; m0[tokens -> is_a_1]; m0[tokens -> is_b_0]; m1[is_a_sh1,is_b_0 -> and]
        detect_abc 27
            tokens(3) is_a_2(2) indices(9) is_a_sh2(2) is_b_1(2) is_b_sh1(2) and(2) is_c_0(2) and(2)
            a1[Q:indices K:indices V:is_a_2 -> is_a_sh2]; a1[Q:indices K:indices V:is_b_1 -> is_b_sh1]; m0[tokens -> is_a_2]; m0[tokens -> is_b_1]; m0[tokens -> is_c_0]; m1[is_a_sh2,is_b_sh1 -> and]; m2[and,is_c_0 -> and]
        count_a 15
            tokens(3) count_a.scratch(1) count_a(10)
            a0[Q:- K:tokens -> count_a]
        dedup_all 34
            tokens(3) indices(5) tok_idx(15) n_earlier.scratch(1) n_earlier(6) dedup(3)
            a1[Q:tok_idx K:tok_idx -> n_earlier]; m0[tokens,indices -> tok_idx]; m2[tokens,n_earlier -> dedup]
        dedup_causal 21
            tokens(5) n_sofar.scratch(1) n_sofar(9) dedup(5)
            a0[Q:tokens K:tokens -> n_sofar]; m1[tokens,n_sofar -> dedup]
        dedup_consecutive 18
            tokens(3) indices(8) prev(3) dedup(3)
            a0[Q:indices K:indices V:tokens -> prev]; m0[tokens,prev -> dedup]
        double_hist 20
            tokens(3) hist.scratch(1) hist(7) double_hist.scratch(1) double_hist(7)
            a0[Q:tokens K:tokens -> hist]; a1[Q:hist K:hist -> double_hist]
        first_token 29
            tokens(10) indices(8) first(10)
            a0[Q:- K:indices V:tokens -> first]
        identity_attn 15
            tokens(3) indices(8) identity(3)
            a0[Q:indices K:indices V:tokens -> identity]
        count_greater 17
            tokens(6) n_greater.scratch(1) n_greater(9)
            a0[Q:tokens K:tokens -> n_greater]
        rank 26
            tokens(6) n_less.scratch(1) n_less(9) rank(9)
            a0[Q:tokens K:tokens -> n_less]; m1[n_less -> rank]
        trend 18
            tokens(3) indices(8) next(3) trend(3)
            a0[Q:indices K:indices V:tokens -> next]; m0[tokens,next -> trend]
        oscillation 25
            tokens(4) indices(6) prev(4) up1(2) next(4) up2(2) osc(2)
            a0[Q:indices K:indices V:tokens -> prev]; a0[Q:indices K:indices V:tokens -> next]; m0[prev,tokens -> up1]; m0[tokens,next -> up2]; m1[up1,up2 -> osc]
        alternation 22
            tokens(3) indices(6) prev(3) ne1(2) next(3) ne2(2) alt(2)
            a0[Q:indices K:indices V:tokens -> prev]; a0[Q:indices K:indices V:tokens -> next]; m0[prev,tokens -> ne1]; m0[tokens,next -> ne2]; m1[ne1,ne2 -> alt]
        freq_class 27
            tokens(5) hist.scratch(1) hist(8) length.scratch(1) length(8) freq_class(3)
            a0[Q:tokens K:tokens -> hist]; a0[Q:- K:- -> length]; m1[hist,length -> freq_class]
        palindrome 29
            tokens(3) indices(6) length.scratch(1) length(7) opp_idx(6) reverse(3) palin(2)
            a0[Q:- K:- -> length]; a2[Q:opp_idx K:indices V:tokens -> reverse]; m1[length,indices -> opp_idx]; m2[tokens,reverse -> palin]
        sum_digits 55
            tokens(29) tens(3) ones(10) sum_digits(12)
            m0[tokens -> tens]; m0[tokens -> ones]; m1[tens,ones -> sum_digits]
        max_element 63
            tokens(5) indices(6) uniq(30) leq_count.scratch(1) leq_count(7) length.scratch(1) length(7) max(5)
            a0[Q:- K:- -> length]; a1[Q:uniq K:uniq -> leq_count]; a2[Q:length K:leq_count V:tokens -> max]; m0[tokens,indices -> uniq]
        check_increasing 27
            tokens(4) indices(6) prev(4) ok(2) n_bad.scratch(1) n_bad(7) increasing(2)
            a0[Q:indices K:indices V:tokens -> prev]; a1[Q:- K:ok -> n_bad]; m0[prev,tokens -> ok]; m2[n_bad -> increasing]
        last_two_equal 40
            tokens(4) indices(6) length.scratch(1) length(7) last(6) v_last(4) last2(5) v_last2(4) eq_last_two(2)
            a0[Q:- K:- -> length]; a2[Q:last K:indices V:tokens -> v_last]; a2[Q:last2 K:indices V:tokens -> v_last2]; m1[length -> last]; m1[length -> last2]; m2[v_last,v_last2 -> eq_last_two]
        swap_first_last 29
            tokens(4) indices(6) length.scratch(1) length(7) target(6) swapped(4)
            a0[Q:- K:- -> length]; a2[Q:target K:indices V:tokens -> swapped]; m1[indices,length -> target]
        toy_ioi 25
            tokens(5) hist.scratch(1) hist(5) once_name(4) is_once(1) indices(4) io(4)
            a0[Q:tokens K:tokens -> hist]; a3[Q:- K:is_once V:once_name -> io]; m1[tokens,hist -> once_name]; m2[once_name -> is_once]
        """.Split('\n', StringSplitOptions.TrimEntries).Chunk(3).ToDictionary(lines => lines[0].Split(' ')[0], lines =>
            new Layout(int.Parse(lines[0].Split(' ')[1]), lines[1].Split(' '), lines[2].Split("; ")));
}
