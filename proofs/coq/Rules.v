(** Rules: each rule of the Python kernel that stands for a fact (calculus, interpolation, separation, inverses, the order
    and algebra of the real numbers) as a lemma, named rule_<name of the rule> and stated as in the rule's docstring.
    hasd(F, p, d) of the kernel is [is_derive F p d]; fderiv(G, q, g) is [is_grad G q g]; a finite sort is the
    ordinals below n, or any finite type; the Iverson bracket is [bracket].  The rules of logic are those of Coq. *)
From Coq Require ClassicalDedekindReals.
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq choice fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Convexity Residual.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

(** ** exp *)
Lemma rule_exp_tangent t : 1 + t <= exp t.
Proof. by case: (Req_dec t 0) => [->|n]; [rewrite exp_0; lra|apply: Rlt_le; exact: exp_ineq1]. Qed.

(** ** Derivatives of functions of one real variable *)
Section Derivatives.
Variables (F G : R -> R) (p d e : R).

Lemma rule_d_const (c : R) : is_derive (fun _ : R => c) p 0.
Proof. exact: is_derive_const. Qed.

Lemma rule_d_id : is_derive (fun s : R => s) p 1.
Proof. exact: is_derive_id. Qed.

Lemma rule_d_add : is_derive F p d -> is_derive G p e -> is_derive (fun s => F s + G s) p (d + e).
Proof. exact: is_derive_plus. Qed.

Lemma rule_d_mul : is_derive F p d -> is_derive G p e ->
  is_derive (fun s => F s * G s) p (d * G p + F p * e).
Proof. move=> hF hG; apply: (is_derive_mult F G p d e hF hG); exact: Rmult_comm. Qed.

Lemma rule_d_exp : is_derive F p d -> is_derive (fun s => exp (F s)) p (exp (F p) * d).
Proof.
move=> hF; have := is_derive_comp _ _ _ _ _ (is_derive_exp (F p)) hF.
by rewrite /scal /= /mult /= Rmult_comm.
Qed.

Lemma rule_d_compose : is_derive F (G p) d -> is_derive G p e -> is_derive (fun s => F (G s)) p (d * e).
Proof.
move=> hF hG; have := is_derive_comp _ _ _ _ _ hF hG.
by rewrite /scal /= /mult /= Rmult_comm.
Qed.

Lemma rule_d_unique : is_derive F p d -> is_derive F p e -> d = e.
Proof. by move=> h1 h2; rewrite -(is_derive_unique _ _ _ h1) (is_derive_unique _ _ _ h2). Qed.

(** one-sided Fermat *)
Lemma rule_fermat r : is_derive F p d -> (forall s, p <= s -> s < p + r -> F s <= F p) -> 0 < r -> d <= 0.
Proof.
move=> /is_derive_Reals hd below r0; case: (Rle_or_lt d 0) => // d0; exfalso.
have [delta h] := hd _ d0; have dp := cond_pos delta.
pose s := Rmin (r / 2) (delta / 2).
have s0 : 0 < s by apply: Rmin_glb_lt; lra.
have s1 : s <= r / 2 by exact: Rmin_l.
have s2 : s <= delta / 2 by exact: Rmin_r.
have sd : Rabs s < delta by rewrite Rabs_right; lra.
have /Rabs_def2 [_ lo] := h s (Rgt_not_eq _ _ s0) sd.
have b : F (p + s) <= F p by apply: below; lra.
have : (F (p + s) - F p) / s <= 0.
  apply: (Rmult_le_reg_r s) => //; rewrite Rmult_0_l.
  have -> : (F (p + s) - F p) / s * s = F (p + s) - F p by field; lra.
  by lra.
by lra.
Qed.
End Derivatives.

Lemma rule_d_sum n (F : 'I_n -> R -> R) (d : 'I_n -> R) p :
  (forall i, is_derive (F i) p (d i)) -> is_derive (fun s => \rsum_(i < n) F i s) p (\rsum_(i < n) d i).
Proof. by move=> h; apply: is_derive_rsum => i _; exact: h. Qed.

Lemma rule_d_chain n (G : vec n -> R) (F : 'I_n -> R -> R) (g d : vec n) p :
  is_grad G (fun k => F k p) g -> (forall k, is_derive (F k) p (d k)) ->
  is_derive (fun s => G (fun k => F k s)) p (\rsum_(k < n) (g k * d k)).
Proof. by move=> hG hF; apply: (@chain_curve n G (fun s k => F k s)). Qed.

(** one neighbourhood for finitely many functions; K is any finite type, for instance a product of finite sorts *)
Lemma rule_continuity (K : finType) (F : K -> R -> R) (d : K -> R) p r :
  (forall k, is_derive (F k) p (d k)) -> 0 < r ->
  exists e, 0 < e /\ forall s, (s - p) * (s - p) < e * e ->
    forall k, (F k s - F k p) * (F k s - F k p) < r * r.
Proof.
move=> hF r0.
have sq u v : 0 < v -> u * u < v * v -> Rabs u < v.
  move=> v0 h; apply: Rsqr_incrst_0; rewrite /Rsqr; [|exact: Rabs_pos|lra].
  have -> : Rabs u * Rabs u = u * u by rewrite -Rabs_mult Rabs_right //; apply: Rle_ge; exact: Rle_0_sqr.
  by [].
have one k : exists e, 0 < e /\ forall s, Rabs (s - p) < e -> (F k s - F k p) * (F k s - F k p) < r * r.
  have c : continuity_pt (F k) p by apply: derivable_continuous_pt; exists (d k); apply/is_derive_Reals.
  have [e [e0 he]] := c r r0; exists e; split => // s hs.
  case: (Req_dec s p) => [->|ne]; first by rewrite Rminus_eq_0 Rmult_0_l; exact: Rmult_lt_0_compat.
  have : Rabs (F k s - F k p) < r by apply: he; split => //; split => //; exact: not_eq_sym.
  move=> /Rabs_def2 [h1 h2]; nra.
have : forall s : seq K, exists e, 0 < e /\ forall k, k \in s -> forall u, Rabs (u - p) < e ->
    (F k u - F k p) * (F k u - F k p) < r * r.
  elim=> [|k s [e [e0 he]]]; first by exists 1; split => //; lra.
  have [e' [e'0 he']] := one k; exists (Rmin e e'); split; first exact: Rmin_glb_lt.
  move=> j; rewrite inE => /orP [/eqP ->|js] u hu.
    by apply: he'; have := Rmin_r e e'; lra.
  by apply: he => //; have := Rmin_l e e'; lra.
move=> /(_ (enum K)) [e [e0 he]]; exists e; split => // s hs k.
by apply: he; [rewrite mem_enum|exact: sq].
Qed.

(** a convex function of finitely many numbers lies above its tangents along curves through one point; K is any finite
    type, for instance a product of finite sorts *)
Lemma rule_tangents (K : finType) n (G : (K -> R) -> R) (q : K -> R) (F : 'I_n -> K -> R -> R)
    (d : 'I_n -> K -> R) (e : 'I_n -> R) t :
  (forall u v c, 0 <= c -> c <= 1 -> G (fun k => c * u k + (1 - c) * v k) <= c * G u + (1 - c) * G v) ->
  (forall p k, is_derive (F p k) t (d p k)) -> (forall p k, F p k t = q k) ->
  (forall p, is_derive (fun s => G (fun k => F p k s)) t (e p)) ->
  forall w : 'I_n -> R, G q + \rsum_(p < n) (w p * e p) <= G (fun k => q k + \rsum_(p < n) (w p * d p k)).
Proof. by move=> cvx hF hq hG w; apply: (@convex_tangents K G cvx n q F d (fun=> t) e). Qed.

(** ** Interpolation *)
(** f is a polynomial with n coefficients *)
Definition is_poly (n : nat) (f : R -> R) : Prop :=
  exists a : nat -> R, forall t, f t = \rsum_(p < n) (a p * t ^ p).

Lemma is_poly_more n f : is_poly n f -> is_poly n.+1 f.
Proof.
move=> [a h]; exists (fun p => if (p < n)%N then a p else 0) => t.
rewrite big_ord_recr /= ltnn Rmult_0_l Rplus_0_r h; apply: eq_bigr => p _.
by rewrite ltn_ord.
Qed.

Lemma is_poly_add n f g : is_poly n f -> is_poly n g -> is_poly n (fun t => f t + g t).
Proof.
move=> [a h] [b h']; exists (fun p => a p + b p) => t; rewrite h h' -rsum_plus.
by apply: eq_bigr => p _; ring.
Qed.

Lemma is_poly_scal n f c : is_poly n f -> is_poly n (fun t => c * f t).
Proof.
move=> [a h]; exists (fun p => c * a p) => t; rewrite h -rsum_scal_l.
by apply: eq_bigr => p _; ring.
Qed.

Lemma is_poly_root n f r : is_poly n f -> is_poly n.+1 (fun t => (t - r) * f t).
Proof.
move=> hf; have [b hb] := is_poly_scal (- r) (is_poly_more hf); have [a ha] := hf.
exists (fun p => (if p is p'.+1 then a p' else 0) + b p) => t.
have -> : (t - r) * f t = t * f t + - r * f t by ring.
rewrite hb ha.
have -> : t * (\rsum_(p < n) (a p * t ^ p)) = \rsum_(p < n.+1) ((if (p : nat) is p'.+1 then a p' else 0) * t ^ p).
  rewrite big_ord_recl /= Rmult_0_l Rplus_0_l -rsum_scal_l; apply: eq_bigr => p _.
  by ring.
by rewrite -rsum_plus; apply: eq_bigr => p _; ring.
Qed.

Lemma is_poly_roots (s : seq R) : is_poly (size s).+1 (fun t => rprod s (fun r => t - r)).
Proof.
elim: s => [|r s [a h]].
  by exists (fun=> 1) => t; rewrite /rprod big_nil big_ord_recl big_ord0 /=; ring.
have [b hb] : is_poly (size s).+2 (fun t => (t - r) * rprod s (fun r => t - r)) by apply: is_poly_root; exists a.
by exists b => t; rewrite rprod_cons hb.
Qed.

Lemma interpolation n (t v : nat -> R) :
  (forall i j, (i < n)%N -> (j < n)%N -> t i = t j -> v i = v j) ->
  exists f, is_poly n f /\ forall i, (i < n)%N -> f (t i) = v i.
Proof.
elim: n => [|n IH] agree.
  by exists (fun=> 0); split => //; exists (fun=> 0) => u; rewrite big_ord0.
have [|f [pf hf]] := IH; first by move=> i j hi hj; apply: agree; exact: ltnW.
case: (boolP (has (fun j => t j == t n) (seq.iota 0 n))) => [/hasP [j]|/hasPn none].
  rewrite mem_iota add0n => /andP [_ jn] /eqP e.
  exists f; split => [|i]; first exact: is_poly_more.
  rewrite ltnS leq_eqVlt => /orP [/eqP ->|hi]; last exact: hf.
  by rewrite -e hf //; apply: agree => //; exact: ltnW.
pose s := [seq t j | j <- seq.iota 0 n].
pose g u := rprod s (fun r => u - r).
have pg : is_poly n.+1 g by have := is_poly_roots s; rewrite size_map size_iota.
have g0 i : (i < n)%N -> g (t i) = 0.
  move=> hi; apply: (rprod_eq0 (r := t i)); last by ring.
  by apply/mapP; exists i => //; rewrite mem_iota add0n.
have gn : g (t n) <> 0.
  apply: rprod_neq0 => r /mapP [j hj ->] e; have := none j hj => /eqP; apply; lra.
exists (fun u => f u + (v n - f (t n)) / g (t n) * g u); split.
  by apply: is_poly_add; [exact: is_poly_more|exact: is_poly_scal].
move=> i; rewrite ltnS leq_eqVlt => /orP [/eqP ->|hi]; first by field.
by rewrite (g0 i hi) (hf i hi) Rmult_0_r Rplus_0_r.
Qed.

Lemma rule_lagrange m (t v : 'I_m -> R) : (forall i j, t i = t j -> v i = v j) ->
  exists a : 'I_m -> R, forall i, \rsum_(p < m) (a p * t i ^ p) = v i.
Proof.
move=> agree.
pose ext (w : 'I_m -> R) (i : nat) := if insub i is Some k then w k else 0.
have extE w (i : 'I_m) : ext w i = w i by rewrite /ext valK.
have [|f [[a h] hf]] := @interpolation m (ext t) (ext v).
  move=> i j hi hj.
  by have := agree (Ordinal hi) (Ordinal hj); rewrite -!(extE _ (Ordinal _)).
exists (fun p => a p) => i; have := hf i (ltn_ord i); rewrite !extE => <-.
by rewrite h.
Qed.

(** ** Separation *)
Lemma fresh (s : seq R) : exists e : R, e \notin s.
Proof.
have [M hM] : exists M, forall r, r \in s -> r <= M.
  elim: s => [|r s [M hM]]; first by exists 0.
  exists (Rmax r M) => u; rewrite inE => /orP [/eqP ->|us]; first exact: Rmax_l.
  by apply: Rle_trans (hM u us) _; exact: Rmax_r.
exists (M + 1); apply/negP => /hM; lra.
Qed.

Lemma dot_lin n (u v w : vec n) e : dot (fun r => u r + e * v r) w = dot u w + e * dot v w.
Proof. by rewrite /dot -rsum_scal_l -rsum_plus; apply: eq_bigr => r _; ring. Qed.

Lemma dot_self_pos n (v : vec n) r : v r <> 0 -> 0 < dot v v.
Proof.
move=> vr; rewrite /dot (rsum_D1 _ r).
have : 0 < v r * v r by exact: Rsqr_pos_lt.
have : 0 <= \rsum_(i < n | i != r) (v i * v i) by apply: rsum_ge0 => i _; exact: Rle_0_sqr.
by lra.
Qed.

(** finitely many vectors that are not zero have a common direction not orthogonal to any *)
Lemma avoid_hyperplanes n (vs : seq (vec n)) : (forall v, List.In v vs -> exists r, v r <> 0) ->
  exists u, forall v, List.In v vs -> dot u v <> 0.
Proof.
elim: vs => [|v vs IH] nz; first by exists (fun=> 0).
have [|u hu] := IH; first by move=> w hw; apply: nz; right.
have [r vr] := nz v (or_introl erefl).
have [e he] := fresh [:: 0, - dot u v / dot v v & [seq - dot u w / dot v w | w <- vs]].
have ratio a b : b <> 0 -> a + e * b = 0 -> e = - a / b.
  move=> b0 E; apply: (Rmult_eq_reg_r b) => //.
  by have -> : - a / b * b = - a by [field]; lra.
exists (fun r => u r + e * v r) => w hw; rewrite dot_lin => E.
move: he; rewrite in_cons negb_or in_cons negb_or => /andP [/eqP e0 /andP [/eqP ev /negP em]].
case: hw => [wv|hw].
  by apply: ev; rewrite -wv in E; exact: (ratio _ _ (Rgt_not_eq _ _ (dot_self_pos vr)) E).
case: (Req_dec (dot v w) 0) => [z|z]; first by apply: (hu w hw); rewrite z in E; lra.
apply: em; rewrite (ratio _ _ z E).
elim: vs hw {IH nz hu} => //= w' vs IH [->|hw]; rewrite inE ?eqxx //.
by rewrite IH // orbT.
Qed.

Lemma rule_separation m d (x : 'I_m -> vec d) :
  exists u : vec d, forall i j, dot u (x i) = dot u (x j) -> forall r, x i r = x j r.
Proof.
pose diff (ij : 'I_m * 'I_m) : vec d := fun r => x ij.1 r - x ij.2 r.
pose pairs := [seq ij <- enum [finType of 'I_m * 'I_m] | ~~ [forall r, x ij.1 r == x ij.2 r]].
have [|u hu] := @avoid_hyperplanes d (map diff pairs).
  move=> v hv.
  have [ij [h <-]] : exists ij, ij \in pairs /\ diff ij = v.
    elim: pairs hv => //= ij s IH [e|/IH [ij' [h e]]]; first by exists ij; rewrite inE eqxx.
    by exists ij'; rewrite inE h orbT.
  move: h; rewrite mem_filter negb_forall => /andP [/existsP [r /eqP ne] _].
  by exists r; rewrite /diff; lra.
exists u => i j e r; case: (boolP [forall r, x i r == x j r]) => [/forallP h|ne]; first exact/eqP.
exfalso; apply: (hu (diff (i, j))).
  have : (i, j) \in pairs by rewrite mem_filter /= ne mem_enum.
  by elim: (pairs) => //= ij s IH; rewrite inE => /orP [/eqP <-|/IH]; [left|right].
have -> : diff (i, j) = fun r => x i r + -1 * x j r by apply: functional_extensionality => r'; rewrite /diff /=; ring.
have C (v : vec d) : dot u v = dot v u by apply: eq_bigr => r' _; ring.
by rewrite C dot_lin -!C e; ring.
Qed.

(** ** Order and algebra *)

(** the certificate of the rule "linear": equalities a_j = b_j with multipliers t_j, inequalities c_j <= d_j with
    multipliers q_j >= 0, and the gap b - a of the goal equal to their combination plus a constant K *)
Section Linear.
Variables (n n' : nat) (a b t : 'I_n -> R) (c d q : 'I_n' -> R) (left right K : R).
Hypothesis equalities : forall j, a j = b j.
Hypothesis inequalities : forall j, c j <= d j.
Hypothesis multipliers : forall j, 0 <= q j.
Hypothesis certificate : right - left - \rsum_(j < n) (t j * (b j - a j)) - \rsum_(j < n') (q j * (d j - c j)) = K.

Lemma linear_gap : right - left = K + \rsum_(j < n') (q j * (d j - c j)).
Proof.
have Z : \rsum_(j < n) (t j * (b j - a j)) = 0 by apply: rsum_0 => j _; rewrite equalities; ring.
by move: certificate; rewrite Z; lra.
Qed.

Lemma rule_linear_le : 0 <= K -> left <= right.
Proof.
move=> K0; have := linear_gap.
have : 0 <= \rsum_(j < n') (q j * (d j - c j)).
  by apply: rsum_ge0 => j _; apply: Rmult_le_pos; [exact: multipliers|have := inequalities j; lra].
by lra.
Qed.

Lemma rule_linear_lt : 0 < K \/ (0 <= K /\ exists j, 0 < q j /\ c j < d j) -> left < right.
Proof.
have pos (P : pred 'I_n') : 0 <= \rsum_(j < n' | P j) (q j * (d j - c j)).
  by apply: rsum_ge0 => j _; apply: Rmult_le_pos; [exact: multipliers|have := inequalities j; lra].
have gap := linear_gap; case=> [K0|[K0 [j [qj cd]]]]; first by have p0 : 0 <= \rsum_(j < n') (q j * (d j - c j)) := pos xpredT; lra.
rewrite (rsum_D1 _ j) in gap; have := pos (fun i => i != j).
have : 0 < q j * (d j - c j) by apply: Rmult_lt_0_compat; lra.
by lra.
Qed.
End Linear.

Lemma rule_linear_eq n (a b t : 'I_n -> R) left right : (forall j, a j = b j) ->
  right - left - \rsum_(j < n) (t j * (b j - a j)) = 0 -> left = right.
Proof.
move=> e; have -> : \rsum_(j < n) (t j * (b j - a j)) = 0 by apply: rsum_0 => j _; rewrite e; ring.
by lra.
Qed.

Lemma rule_square t : 0 <= t * t.
Proof. exact: Rle_0_sqr. Qed.

Lemma rule_multiply a b c d : a <= b -> c <= d -> 0 <= (b - a) * (d - c).
Proof. by move=> h1 h2; apply: Rmult_le_pos; lra. Qed.

Lemma rule_multiply_strict a b c d : a < b -> c < d -> 0 < (b - a) * (d - c).
Proof. by move=> h1 h2; apply: Rmult_lt_0_compat; lra. Qed.

Lemma rule_not_le a b : ~ a <= b -> b < a.
Proof. exact: Rnot_le_lt. Qed.

Lemma rule_antisymmetry a b : a <= b -> b <= a -> a = b.
Proof. exact: Rle_antisym. Qed.

Lemma rule_sum_le n (a b : 'I_n -> R) : (forall i, a i <= b i) -> \rsum_(i < n) a i <= \rsum_(i < n) b i.
Proof. by move=> h; apply: rsum_le => i _; exact: h. Qed.

Lemma rule_inverse t : t <> 0 -> t * / t = 1.
Proof. exact: Rinv_r. Qed.

(** the Iverson bracket [p], through the decision of propositions that the standard library's reals rest on *)
Definition bracket (p : Prop) : R := if ClassicalDedekindReals.sig_not_dec p then 1 else 0.

Lemma rule_indicator_true (p : Prop) : p -> bracket p = 1.
Proof. by rewrite /bracket; case: ClassicalDedekindReals.sig_not_dec. Qed.

Lemma rule_indicator_false (p : Prop) : ~ p -> bracket p = 0.
Proof. by rewrite /bracket; case: ClassicalDedekindReals.sig_not_dec => // nnp np; case: (nnp np). Qed.

(** ** Right inverses *)
Lemma preimages (A : Type) n (s : A -> 'I_n) (js : seq 'I_n) : (forall a b, s a = s b -> a = b) ->
  exists l : list A, (forall a, s a \in js -> List.In a l) /\ (length l <= size js)%N.
Proof.
move=> inj; elim: js => [|j js [l [hl le]]]; first by exists nil.
case: (Classical_Prop.classic (exists a, s a = j)) => [[a sa]|none].
  exists (a :: l); split => //= b; rewrite inE => /orP [/eqP sb|hb]; last by right; exact: hl.
  by left; apply: inj; rewrite sa sb.
exists l; split => [b|]; last exact: leq_trans le (leqnSn _).
by rewrite inE => /orP [/eqP sb|hb]; [case: none; exists b|exact: hl].
Qed.

(** the rows are any type that can be mapped into the columns one to one *)
Lemma rule_right_inverse (A : Type) n (s : A -> 'I_n) (w : A -> vec n) : (forall i j, s i = s j -> i = j) ->
  (forall p : vec n, (forall i, \rsum_(r < n) (w i r * p r) = 0) -> forall r, p r = 0) ->
  exists v : 'I_n -> A -> R, forall i j, \rsum_(r < n) (w i r * v r j) = bracket (i = j).
Proof.
move=> inj kernel.
have column c : exists q : vec n, forall j, s j = c -> forall i, dot (w i) q = bracket (i = j).
  case: (Classical_Prop.classic (exists j, s j = c)) => [[j sj]|none]; last first.
    by exists (fun=> 0) => j sj; case: none; exists j.
  have [l [hl le]] := preimages (rem c (enum 'I_n)) inj.
  have sz : (length (List.map w l) < size (enum 'I_n))%N.
    rewrite List.map_length; apply: leq_ltn_trans le _.
    by rewrite size_rem ?mem_enum // size_enum_ord prednK //; exact: leq_ltn_trans (leq0n _) (ltn_ord c).
  have [p [_ [[r pr] hp]]] := underdetermined (enum_uniq _) sz.
  have other i : i <> j -> dot (w i) p = 0.
    move=> ne; apply: hp; apply: List.in_map; apply: hl.
    rewrite (mem_rem_uniq c (enum_uniq 'I_n)) !inE mem_enum andbT; apply/eqP => e.
    by apply: ne; apply: inj; rewrite e sj.
  have own : dot (w j) p <> 0.
    move=> z; apply: pr; apply: kernel => i.
    by case: (Classical_Prop.classic (i = j)) => [->|ne]; [exact: z|exact: other].
  exists (fun r => / dot (w j) p * p r) => j' sj' i.
  have -> : j' = j by apply: inj; rewrite sj' sj.
  have -> : dot (w i) (fun r => / dot (w j) p * p r) = / dot (w j) p * dot (w i) p.
    by rewrite /dot -rsum_scal_l; apply: eq_bigr => k _; ring.
  case: (Classical_Prop.classic (i = j)) => [->|ne]; first by rewrite rule_indicator_true //; field.
  by rewrite (other i ne) rule_indicator_false //; ring.
have [q hq] := fin_all_exists column.
by exists (fun r j => q (s j) r) => i j; exact: (hq (s j) j erefl i).
Qed.

(** functions with equal values are equal, and may replace each other *)
Lemma rule_leibniz (A B : Type) (P : (A -> B) -> Prop) s t : (forall k, s k = t k) -> P s -> P t.
Proof. by move=> /functional_extensionality ->. Qed.

Lemma rule_induction (P : nat -> Prop) : P 0%N -> (forall n, P n -> P n.+1) -> forall n, P n.
Proof. exact: nat_ind. Qed.
