(** Convexity without differentiability: a convex function of finitely many numbers lies above its tangents along
    curves through one point.  Only the coordinates of the curves, and the function along each curve, need derivatives
    at that point: a convex function is bounded above on cubes, so that curves are as good as straight lines.
    After Rockafellar, Convex Analysis, Theorems 10.4 and 25.2. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq choice fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Convex.
Variables (K : finType) (G : (K -> R) -> R).
Hypothesis cvx : forall (u v : K -> R) a, 0 <= a -> a <= 1 ->
  G (fun k => a * u k + (1 - a) * v k) <= a * G u + (1 - a) * G v.

(** positive weights, not normalised *)
Lemma convex_two (u v w : K -> R) a b : 0 <= a -> 0 <= b -> 0 < a + b ->
  (forall k, (a + b) * w k = a * u k + b * v k) -> (a + b) * G w <= a * G u + b * G v.
Proof.
move=> a0 b0 ab e.
have c1 : 1 - a / (a + b) = b / (a + b) by field; lra.
have lo : 0 <= a / (a + b) by apply: Rdiv_le_0_compat.
have lo' : 0 <= b / (a + b) by apply: Rdiv_le_0_compat.
have h := @cvx u v (a / (a + b)) lo _; rewrite c1 in h; have {}h := h ltac:(lra).
have E : w = fun k => a / (a + b) * u k + b / (a + b) * v k.
  apply: functional_extensionality => k; apply: (Rmult_eq_reg_l (a + b)); last by lra.
  by rewrite e; field; lra.
rewrite -E in h.
have -> : a * G u + b * G v = (a + b) * (a / (a + b) * G u + b / (a + b) * G v) by field; lra.
by apply: Rmult_le_compat_l => //; lra.
Qed.

Lemma convex_three (u v w x : K -> R) a b c : 0 < a -> 0 < b -> 0 < c ->
  (forall k, (a + b + c) * x k = a * u k + b * v k + c * w k) ->
  (a + b + c) * G x <= a * G u + b * G v + c * G w.
Proof.
move=> a0 b0 c0 e.
pose y k := (b * v k + c * w k) / (b + c).
have h1 : (b + c) * G y <= b * G v + c * G w.
  by apply: convex_two; try lra; move=> k; rewrite /y; field; lra.
have h2 : (a + (b + c)) * G x <= a * G u + (b + c) * G y.
  by apply: convex_two; try lra; move=> k; rewrite -Rplus_assoc e /y; field; lra.
by lra.
Qed.

(** Jensen's inequality for the average of n + 1 points *)
Lemma convex_average n (x : 'I_n.+1 -> K -> R) (z : K -> R) :
  (forall k, INR n.+1 * z k = \rsum_(p < n.+1) x p k) -> INR n.+1 * G z <= \rsum_(p < n.+1) G (x p).
Proof.
elim: n x z => [|n IH] x z e.
  rewrite rsum1 Rmult_1_l; suff -> : z = x ord0 by exact: Rle_refl.
  by apply: functional_extensionality => k; have := e k; rewrite rsum1 Rmult_1_l.
have n0 : 0 < INR n.+1 by apply: lt_0_INR; apply/ltP.
have last (f : 'I_n.+2 -> R) : \rsum_(p < n.+2) f p = \rsum_(p < n.+1) f (widen_ord (leqnSn n.+1) p) + f ord_max.
  by rewrite big_ord_recr.
pose y k := (\rsum_(p < n.+1) x (widen_ord (leqnSn n.+1) p) k) / INR n.+1.
have h : INR n.+1 * G y <= \rsum_(p < n.+1) G (x (widen_ord (leqnSn n.+1) p)).
  by apply: IH => k; rewrite /y; field; lra.
have E : INR n.+2 = INR n.+1 + 1 by exact: S_INR.
rewrite last E.
have : (INR n.+1 + 1) * G z <= INR n.+1 * G y + 1 * G (x ord_max).
  by apply: convex_two; try lra; move=> k; rewrite -E e last /y; field; lra.
by lra.
Qed.

(** bounded above on every cube: coordinate by coordinate *)
Lemma convex_bounded (q : K -> R) : exists M, forall y, (forall k, Rabs (y k) <= 1) -> G (fun k => q k + y k) <= M.
Proof.
suff [M h] : exists M, forall y, (forall k, Rabs (y k) <= 1) -> (forall k, k \notin enum K -> y k = 0) ->
    G (fun k => q k + y k) <= M.
  by exists M => y hy; apply: h => // k; rewrite mem_enum.
move: {1}1 => B; elim: (enum K) B => [|k0 s IH] B.
  exists (G q) => y _ y0; rewrite [X in G X](_ : _ = q); first exact: Rle_refl.
  by apply: functional_extensionality => k; rewrite y0 //; ring.
have [M hM] := IH (2 * B).
pose e c : K -> R := fun k => q k + (if k == k0 then c else 0).
exists (Rmax 0 M + Rmax 0 (G (e (2 * B))) + Rmax 0 (G (e (- (2 * B))))) => y hy y0.
have m0 := Rmax_l 0 M; have m1 := Rmax_r 0 M.
have p0 := Rmax_l 0 (G (e (2 * B))); have p1 := Rmax_r 0 (G (e (2 * B))).
have n0 := Rmax_l 0 (G (e (- (2 * B)))); have n1 := Rmax_r 0 (G (e (- (2 * B)))).
pose rest : K -> R := fun k => if k == k0 then 0 else 2 * y k.
have hrest : G (fun k => q k + rest k) <= M.
  apply: hM => [k|k ks]; rewrite /rest.
    case: ifP => _; first by rewrite Rabs_R0; have := Rle_trans _ _ _ (Rabs_pos _) (hy k0); lra.
    by rewrite Rabs_mult Rabs_right; [have := hy k; lra|lra].
  by case: ifP => // /negbT kk; rewrite y0 ?inE ?negb_or ?kk //; ring.
have split : (1 + 1) * G (fun k => q k + y k) <= 1 * G (e (2 * y k0)) + 1 * G (fun k => q k + rest k).
  apply: convex_two; try lra; move=> k; rewrite /e /rest; case: ifP => [/eqP ->|_]; ring.
have /Rabs_le_between [lo hi] := hy k0.
have line : G (e (2 * y k0)) <= Rmax 0 (G (e (2 * B))) + Rmax 0 (G (e (- (2 * B)))).
  case: (Req_dec B 0) => [b0|b0].
    have -> : 2 * y k0 = 2 * B by lra.
    by lra.
  have h : ((B + y k0) + (B - y k0)) * G (e (2 * y k0)) <=
           (B + y k0) * G (e (2 * B)) + (B - y k0) * G (e (- (2 * B))).
    by apply: convex_two; try lra; move=> k; rewrite /e; case: ifP => _; ring.
  by nra.
by lra.
Qed.

Lemma derive_near (f : R -> R) d eta : is_derive f 0 d -> 0 < eta ->
  exists r, 0 < r /\ forall h, 0 < h -> h < r -> Rabs (f h - f 0 - h * d) <= eta * h.
Proof.
move=> /is_derive_Reals hd eta0; have [r hr] := hd _ eta0.
exists r; split => [|h h0 hr']; first exact: cond_pos.
have := hr h (Rgt_not_eq _ _ h0); rewrite Rabs_right; last by lra.
rewrite Rplus_0_l => /(_ hr') H.
have -> : f h - f 0 - h * d = ((f h - f 0) / h - d) * h by field; lra.
rewrite Rabs_mult (Rabs_right h); last by lra.
by apply: Rmult_le_compat_r; lra.
Qed.

Lemma derive_near_all (f : K -> R -> R) (d : K -> R) eta : (forall k, is_derive (f k) 0 (d k)) -> 0 < eta ->
  exists r, 0 < r /\ forall h, 0 < h -> h < r -> forall k, Rabs (f k h - f k 0 - h * d k) <= eta * h.
Proof.
move=> hf eta0.
have : forall s : seq K, exists r, 0 < r /\ forall h, 0 < h -> h < r -> forall k, k \in s ->
    Rabs (f k h - f k 0 - h * d k) <= eta * h.
  elim=> [|k s [r [r0 hr]]]; first by exists 1; split => //; lra.
  have [r' [r'0 hr']] := derive_near (hf k) eta0.
  exists (Rmin r r'); split => [|h h0 hm j]; first exact: Rmin_glb_lt.
  have m1 := Rmin_l r r'; have m2 := Rmin_r r r'.
  by rewrite inE => /orP [/eqP ->|js]; [apply: hr' => //; lra|apply: hr => //; lra].
move=> /(_ (enum K)) [r [r0 hr]]; exists r; split => // h h0 h1 k.
by apply: hr => //; rewrite mem_enum.
Qed.

(** a curve x that leaves q in the direction -v, and a bound sigma for G along it *)
Lemma convex_tangent (q v : K -> R) (x : K -> R -> R) (sigma : R -> R) E :
  (forall k, is_derive (x k) 0 (- v k)) -> (forall k, x k 0 = q k) ->
  is_derive sigma 0 (- E) -> sigma 0 = G q -> (forall h, G (fun k => x k h) <= sigma h) ->
  G q + E <= G (fun k => q k + v k).
Proof.
move=> hx x0 hs s0 above; apply: Rnot_lt_le => gap.
have [M hM] := convex_bounded q.
set Gv := G (fun k => q k + v k) in gap *.
have c0 : 0 < 2 * (1 + Rabs (M - G q)) by have := Rabs_pos (M - G q); lra.
pose eta := (G q + E - Gv) / (2 * (1 + Rabs (M - G q))).
have eta0 : 0 < eta by apply: Rdiv_lt_0_compat; lra.
have etaE : eta * (2 * (1 + Rabs (M - G q))) = G q + E - Gv by rewrite /eta; field; lra.
have [r [r0 hr]] := derive_near_all hx eta0.
have [r' [r'0 hr']] := derive_near hs eta0.
pose h := Rmin r r' / 2.
have m0 : 0 < Rmin r r' by exact: Rmin_glb_lt.
have m1 := Rmin_l r r'; have m2 := Rmin_r r r'.
have h0 : 0 < h by rewrite /h; lra.
have {hr} near := hr h h0 ltac:(rewrite /h; lra).
have {hr'} /Rabs_le_between [_ up] := hr' h h0 ltac:(rewrite /h; lra).
have eh0 : 0 < eta * h by exact: Rmult_lt_0_compat.
pose y k := - (x k h - q k + h * v k) / (eta * h).
have y1 k : Rabs (y k) <= 1.
  rewrite /y Rabs_div; last by lra.
  rewrite (Rabs_right (eta * h)); last by lra.
  apply: (Rmult_le_reg_r (eta * h)) => //.
  have -> : Rabs (- (x k h - q k + h * v k)) / (eta * h) * (eta * h) = Rabs (- (x k h - q k + h * v k)) by field; lra.
  rewrite Rabs_Ropp Rmult_1_l.
  by have := near k; rewrite x0 (_ : x k h - q k - h * - v k = x k h - q k + h * v k); last by ring.
have three : (1 + h + eta * h) * G q <=
    1 * G (fun k => x k h) + h * G (fun k => q k + v k) + eta * h * G (fun k => q k + y k).
  by apply: convex_three; try lra; move=> k; rewrite /y; field; lra.
have bound := hM _ y1; have on := above h; rewrite -/Gv in three; rewrite s0 in up.
have top : eta * h * G (fun k => q k + y k) <= eta * h * M by apply: Rmult_le_compat_l; lra.
have A : eta * h * (M - G q) <= eta * h * Rabs (M - G q) by apply: Rmult_le_compat_l; [lra|exact: Rle_abs].
have {three top} fin : h * (G q + E - Gv) <= h * (eta * (1 + Rabs (M - G q))) by nra.
have {}fin : G q + E - Gv <= eta * (1 + Rabs (M - G q)) by apply: (Rmult_le_reg_l h).
have : 0 < eta * (1 + Rabs (M - G q)) by apply: Rmult_lt_0_compat; have := Rabs_pos (M - G q); lra.
by lra.
Qed.

(** n curves F_p through q, and G differentiable along each of them *)
Lemma convex_tangents n (q : K -> R) (F : 'I_n -> K -> R -> R) (d : 'I_n -> K -> R) (t e : 'I_n -> R) :
  (forall p k, is_derive (F p k) (t p) (d p k)) -> (forall p k, F p k (t p) = q k) ->
  (forall p, is_derive (fun s => G (fun k => F p k s)) (t p) (e p)) ->
  forall alpha : 'I_n -> R,
    G q + \rsum_(p < n) (alpha p * e p) <= G (fun k => q k + \rsum_(p < n) (alpha p * d p k)).
Proof.
case: n F d t e => [|n] F d t e hF hq hG alpha.
  rewrite big_ord0 Rplus_0_r [X in _ <= G X](_ : _ = q); first exact: Rle_refl.
  by apply: functional_extensionality => k; rewrite big_ord0 Rplus_0_r.
have N0 : 0 < INR n.+1 by apply: lt_0_INR; apply/ltP.
pose N := INR n.+1.
pose at_ p h := t p - h * (N * alpha p).
have comp f p c : is_derive f (t p) c -> is_derive (fun h => f (at_ p h)) 0 (- (N * alpha p) * c).
  move=> hf; have hf' : is_derive f (at_ p 0) c by rewrite /at_ Rmult_0_l Rminus_0_r.
  have ha : is_derive (at_ p) 0 (- (N * alpha p)) by rewrite /at_; auto_derive => //; ring.
  exact: (is_derive_comp _ _ _ _ _ hf' ha).
have mean0 c (f : 'I_n.+1 -> R -> R) :
    (forall p, f p (at_ p 0) = c) -> / N * \rsum_(p < n.+1) f p (at_ p 0) = c.
  move=> fc; have -> : \rsum_(p < n.+1) f p (at_ p 0) = N * c.
    rewrite (eq_bigr (fun=> c)) => [|p _]; last exact: fc.
    rewrite /N; elim: (n.+1) => [|m IH]; first by rewrite big_ord0 /=; ring.
    by rewrite big_ord_recr IH S_INR /=; ring.
  by field; rewrite /N; lra.
have back f c p : f (t p) = c -> f (at_ p 0) = c :> R by rewrite /at_ Rmult_0_l Rminus_0_r.
have mean (f : 'I_n.+1 -> R -> R) (g : 'I_n.+1 -> R) : (forall p, is_derive (f p) (t p) (g p)) ->
    is_derive (fun h => / N * \rsum_(p < n.+1) f p (at_ p h)) 0 (- \rsum_(p < n.+1) (alpha p * g p)).
  move=> hf.
  have -> : - \rsum_(p < n.+1) (alpha p * g p) = / N * \rsum_(p < n.+1) (- (N * alpha p) * g p).
    have -> : \rsum_(p < n.+1) (- (N * alpha p) * g p) = - N * \rsum_(p < n.+1) (alpha p * g p).
      by rewrite -rsum_scal_l; apply: eq_bigr => p _; ring.
    by field; rewrite /N; lra.
  by apply: is_derive_scal; apply: is_derive_rsum => p _; exact: comp.
apply: (@convex_tangent q (fun k => \rsum_(p < n.+1) (alpha p * d p k))
  (fun k h => / N * \rsum_(p < n.+1) F p k (at_ p h))
  (fun h => / N * \rsum_(p < n.+1) G (fun k => F p k (at_ p h)))).
- by move=> k; apply: (mean (fun p => F p k) (fun p => d p k)) => p.
- by move=> k; apply: (mean0 (q k) (fun p => F p k)) => p; apply: (back (F p k)).
- by apply: (mean (fun p s => G (fun k => F p k s)) e).
- apply: (mean0 (G q) (fun p s => G (fun k => F p k s))) => p; apply: (back (fun s => G (fun k => F p k s))).
  by congr G; apply: functional_extensionality => k; exact: hq.
move=> h; apply: (Rmult_le_reg_l N) => //.
have -> : N * (/ N * \rsum_(p < n.+1) G (fun k => F p k (at_ p h))) = \rsum_(p < n.+1) G (fun k => F p k (at_ p h)).
  by field; rewrite /N; lra.
by apply: convex_average => k; rewrite -/N; field; rewrite /N; lra.
Qed.
End Convex.
