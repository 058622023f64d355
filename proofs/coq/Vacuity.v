(** When elimination is vacuous, and when it is not.  perfect_fit_is_local_min: data that the network fits exactly
    give local minima.  vacuity_consistent: with consistent labels it is enough that no theta makes all gradients of
    the sample losses vanish.  vacuity_cross_entropy and vacuity_logistic: with consistent labels the gradients of these
    losses never vanish, so that Lt has no local minimum for any network whatsoever.  vacuity_straight_line: linear
    regression through three points not on a line; no_minimum_example: the zero network, two samples. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Elimination Characterisation Losses.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

(** ** Not vacuous: any data that the network fits exactly; (th, 0, b, W) is a local minimum for all b, W *)
Theorem perfect_fit_is_local_min (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : UniformSpace)
  (net : Theta -> vec dx -> vec dy) (lambda : R) th b W :
  (0 < m)%N -> 0 < lambda ->
  local_min x net (fun i => sqloss (net th (x i))) lambda (mkparam th (fun=> 0) b W).
Proof.
move=> m0 l0.
have cv i : convex (sqloss (net th (x i))) by exact: sqloss_convex.
have df i : gdifferentiable (sqloss (net th (x i))) by apply: differentiable_gd; exact: sqloss_differentiable.
have [[_ G] _] :=
  @characterisation_product m dx dy x Theta net (fun i => sqloss (net th (x i))) lambda m0 l0 th (fun=> 0) b W cv df.
apply: G; split => // q; apply: Rmult_le_compat_l; first by have := invm_pos m0; lra.
apply: rsum_le => i _; rewrite [X in X <= _]rsum_0 => [|k _]; last by ring.
by apply: rsum_ge0 => k _; exact: Rle_0_sqr.
Qed.

(** ** Vacuous: two samples, inputs 0 and 1, labels 1 and -1, the zero network: no local minimum at all *)
Definition ex_x (i : 'I_2) : vec 1 := fun=> INR i.
Definition ex_y (i : 'I_2) : vec 1 := fun=> 1 - 2 * INR i.
Definition ex_net (th : R_UniformSpace) (z : vec 1) : vec 1 := fun=> 0.

Theorem no_minimum_example (lambda : R) : 0 < lambda ->
  forall p : param 1 1 R_UniformSpace,
    ~ local_min ex_x ex_net (fun i => sqloss (ex_y i)) lambda p.
Proof.
move=> l0; apply: vacuity => //.
- by move=> i; exact: sqloss_convex.
- by move=> i; apply: differentiable_gd; exact: sqloss_differentiable.
move=> th; exists (fun z k => 1 - 2 * z k).
rewrite /L /risk; apply: Rmult_lt_compat_l; first by apply: Rinv_0_lt_compat; rewrite /=; lra.
rewrite /sqloss /ex_net /ex_y /ex_x !big_ord_recl !big_ord0 /=.
by rewrite /bump /=; lra.
Qed.

(** ... although every th is a local (even global) minimum of the original loss L *)
Theorem no_minimum_example_L th th' :
  L ex_x ex_net (fun i => sqloss (ex_y i)) th <= L ex_x ex_net (fun i => sqloss (ex_y i)) th'.
Proof. by rewrite /L /risk /ex_net; lra. Qed.

(** ** vacuity_consistent: with consistent labels, and if every theta leaves some sample's gradient different from zero,
    there is no local minimum, in (a, b, W) alone or in the product topology.  Convexity is not used. *)
Theorem vacuity_consistent (m dx dy : nat) (x : 'I_m -> vec dx) (Y Theta : Type) (y : 'I_m -> Y)
  (net : Theta -> vec dx -> vec dy) (ell : Y -> vec dy -> R) (lambda : R) :
  (0 < m)%N -> 0 < lambda -> (forall i i', x i = x i' -> y i = y i') ->
  (forall i, gdifferentiable (ell (y i))) ->
  (forall th, exists i g k, is_dgrad (ell (y i)) (net th (x i)) g /\ g k <> 0) ->
  forall th a b W, ~ local_min_aux x net (fun i => ell (y i)) lambda th a b W.
Proof.
move=> m0 l0 lab df none th a b W hm; have [i [g [k [hg gk]]]] := none th.
exact: gk (per_sample_gradient m0 l0 lab df hm hg k).
Qed.

(** ** Cross-entropy with one-hot labels: no network has a local minimum *)
Definition onehot n (c : 'I_n) : vec n := fun k => if k == c then 1 else 0.

Theorem vacuity_cross_entropy (m dx dy : nat) (x : 'I_m -> vec dx) (cls : 'I_m -> 'I_dy) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (lambda : R) :
  (0 < m)%N -> (1 < dy)%N -> 0 < lambda -> (forall i i', x i = x i' -> cls i = cls i') ->
  forall th a b W, ~ local_min_aux x net (fun i => celoss (onehot (cls i))) lambda th a b W.
Proof.
move=> m0 d1 l0 lab th a b W hm; pose i := Ordinal m0.
have d0 : (0 < dy)%N by exact: ltn_trans d1.
have df j : gdifferentiable (celoss (onehot (cls j))) by exact: celoss_gdifferentiable.
have := per_sample_gradient (ell := fun c => celoss (onehot c)) m0 l0 lab df hm
  (celoss_dgrad (onehot (cls i)) d0 (net th (x i))).
have [k kc] : exists k : 'I_dy, k != cls i.
  case: (pickP (fun k => k != cls i)) => [k kc|none]; first by exists k.
  have e0 := none (Ordinal d0); have e1 := none (Ordinal d1).
  by move/negbFE/eqP: e0; move/negbFE/eqP: e1 => <- /(congr1 val).
move=> /(_ k); rewrite /onehot (negbTE kc) Rminus_0_r.
have s0 := sumexp_pos d0 (net th (x i)).
have : 0 < exp (net th (x i) k) / sumexp (net th (x i)) by apply: Rdiv_lt_0_compat => //; exact: exp_pos.
by lra.
Qed.

(** ** Logistic loss, labels -1 and 1 (or any that are not zero), one output *)
Definition logloss (y : R) (p : vec 1) : R := logistic (- (y * p ord0)).

Lemma logloss_dgrad y p : is_dgrad (logloss y) p (fun=> - y * dlogistic (- (y * p ord0))).
Proof.
move=> h; rewrite rsum1 /logloss.
have D : is_derive (fun t => - (y * (p ord0 + t * h ord0))) 0 (- y * h ord0) by auto_derive => //; ring.
have E := is_derive_comp _ _ _ _ _ (logistic_derive _) D.
have -> : - y * dlogistic (- (y * p ord0)) * h ord0 =
  scal (- y * h ord0) (dlogistic (- (y * (p ord0 + 0 * h ord0)))).
  by rewrite Rmult_0_l Rplus_0_r /scal /= /mult /=; ring.
exact: E.
Qed.

Theorem vacuity_logistic (m dx : nat) (x : 'I_m -> vec dx) (y : 'I_m -> R) (Theta : Type)
  (net : Theta -> vec dx -> vec 1) (lambda : R) :
  (0 < m)%N -> 0 < lambda -> (forall i i', x i = x i' -> y i = y i') -> (forall i, y i <> 0) ->
  forall th a b W, ~ local_min_aux x net (fun i => logloss (y i)) lambda th a b W.
Proof.
move=> m0 l0 lab yn th a b W hm; pose i := Ordinal m0.
have df j : gdifferentiable (logloss (y j)) by move=> p; eexists; exact: logloss_dgrad.
have := per_sample_gradient m0 l0 lab df hm (logloss_dgrad (y i) (net th (x i))) ord0.
have := dlogistic_pos (- (y i * net th (x i) ord0)) => p E.
by case: (Rmult_integral _ _ E) => [E1|E1]; [case: (yn i); lra|lra].
Qed.

(** ** Linear regression through three points that are not on a line: L has a minimum, Lt has none *)
Definition line_x (i : 'I_3) : vec 1 := fun=> INR i.
Definition line_y (i : 'I_3) : vec 1 := fun=> if i == lift ord0 ord0 then 1 else 0.  (* labels 0, 1, 0 *)
Definition line_net (th : prod_UniformSpace R_UniformSpace R_UniformSpace) (z : vec 1) : vec 1 :=
  fun=> th.1 + th.2 * z ord0.

Theorem vacuity_straight_line (lambda : R) : 0 < lambda ->
  forall p : param 1 1 (prod_UniformSpace R_UniformSpace R_UniformSpace),
    ~ local_min line_x line_net (fun i => sqloss (line_y i)) lambda p.
Proof.
move=> l0; apply: vacuity => //.
- by move=> i; exact: sqloss_convex.
- by move=> i; apply: differentiable_gd; exact: sqloss_differentiable.
move=> th; exists (fun z k => z ord0 * (2 - z ord0)).
rewrite /L /risk; apply: Rmult_lt_compat_l; first by apply: Rinv_0_lt_compat; rewrite /=; lra.
rewrite /sqloss /line_net /line_y /line_x !big_ord_recl !big_ord0 /= /bump /=.
set u := th.1; set v := th.2.
have s1 := Rle_0_sqr (u + v * 0); have s2 := Rle_0_sqr (u + v * 1 - 1); have s3 := Rle_0_sqr (u + v * (1 + 1)).
rewrite /Rsqr in s1 s2 s3.
by nra.
Qed.
