(** The losses in use meet the hypotheses loss_convex and loss_differentiable: squared error, softmax
    cross-entropy (any target weights), logistic loss and the smoothed hinge max(0, 1 - y q)^2. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Squared.
Variables (n : nat) (y : vec n).
Definition sqloss (p : vec n) : R := \rsum_(k < n) ((p k - y k) * (p k - y k)).

Lemma sqloss_convex : convex sqloss.
Proof.
move=> p q t [t0 t1]; rewrite /sqloss -!rsum_scal_l -rsum_plus; apply: rsum_le => k _.
set u := p k - y k; set v := q k - y k.
have -> : (1 - t) * p k + t * q k - y k = (1 - t) * u + t * v by rewrite /u /v; ring.
have : 0 <= t * (1 - t) * ((u - v) * (u - v)).
  by apply: Rmult_le_pos; [apply: Rmult_le_pos; lra|exact: Rle_0_sqr].
by nra.
Qed.

Lemma sqloss_grad p : is_grad sqloss p (fun k => 2 * (p k - y k)).
Proof.
move=> eps e0; exists eps; split => // h.
set S := \rsum_(k < n) _ => hS.
rewrite /sqloss -!rsum_minus.
have -> : \rsum_(k < n) ((p k + h k - y k) * (p k + h k - y k) - (p k - y k) * (p k - y k)
   - 2 * (p k - y k) * h k) = \rsum_(k < n) (h k * h k) by apply: eq_bigr => k _; ring.
rewrite Rabs_right; last by apply: Rle_ge; apply: rsum_ge0 => k _; exact: Rle_0_sqr.
have S0 : 0 <= S by apply: rsum_ge0 => k _; exact: Rabs_pos.
apply: (Rle_trans _ (S * S)); last by apply: Rmult_le_compat_r; lra.
rewrite -rsum_scal_l; apply: rsum_le => k _.
have hk : Rabs (h k) <= S.
  rewrite /S (rsum_D1 _ k).
  have : 0 <= \rsum_(i < n | i != k) Rabs (h i) by apply: rsum_ge0 => i _; exact: Rabs_pos.
  by lra.
have -> : h k * h k = Rabs (h k) * Rabs (h k) by rewrite -Rabs_mult Rabs_right //; apply: Rle_ge; exact: Rle_0_sqr.
by apply: Rmult_le_compat_r => //; exact: Rabs_pos.
Qed.

Lemma sqloss_differentiable : differentiable sqloss.
Proof. by move=> p; exists (fun k => 2 * (p k - y k)); exact: sqloss_grad. Qed.
End Squared.

Section CrossEntropy.
Variables (n : nat) (y : vec n). (* any target weights y, e.g. one-hot *)
Definition sumexp (p : vec n) : R := \rsum_(k < n) exp (p k).
Definition celoss (p : vec n) : R := ln (sumexp p) - \rsum_(k < n) (y k * p k).
Hypothesis npos : (0 < n)%N.

Lemma sumexp_pos p : 0 < sumexp p.
Proof.
rewrite /sumexp (rsum_D1 _ (Ordinal npos)).
have : 0 <= \rsum_(i < n | i != Ordinal npos) exp (p i).
  by apply: rsum_ge0 => i _; apply: Rlt_le; exact: exp_pos.
by have := exp_pos (p (Ordinal npos)); lra.
Qed.

Lemma exp_convex u v t : 0 <= t <= 1 -> exp ((1 - t) * u + t * v) <= (1 - t) * exp u + t * exp v.
Proof.
move=> [t0 t1]; set s := _ + _.
have tangent w : exp s * (1 + (w - s)) <= exp w.
  have -> : exp w = exp s * exp (w - s) by rewrite -exp_plus; congr exp; ring.
  apply: Rmult_le_compat_l; first by apply: Rlt_le; exact: exp_pos.
  case: (Req_dec (w - s) 0) => [->|ne]; first by rewrite exp_0; lra.
  by apply: Rlt_le; exact: exp_ineq1.
have A : (1 - t) * (exp s * (1 + (u - s))) <= (1 - t) * exp u by apply: Rmult_le_compat_l; [lra|].
have B : t * (exp s * (1 + (v - s))) <= t * exp v by apply: Rmult_le_compat_l.
have E : exp s = (1 - t) * (exp s * (1 + (u - s))) + t * (exp s * (1 + (v - s))).
  by rewrite /s; ring.
by lra.
Qed.

Lemma lse_convex : convex (fun p => ln (sumexp p)).
Proof.
move=> p q t tt.
set A := ln (sumexp p); set B := ln (sumexp q).
pose z := (fun k => (1 - t) * p k + t * q k) : vec n.
have norm (r : vec n) : \rsum_(k < n) exp (r k - ln (sumexp r)) = 1.
  have -> : \rsum_(k < n) exp (r k - ln (sumexp r)) = \rsum_(k < n) (exp (r k) * / sumexp r).
    by apply: eq_bigr => k _; rewrite exp_plus exp_Ropp exp_ln //; exact: sumexp_pos.
  rewrite rsum_scal_r; apply: Rinv_r; apply: Rgt_not_eq; exact: sumexp_pos.
have key : \rsum_(k < n) exp (z k - ((1 - t) * A + t * B)) <= 1.
  apply: (Rle_trans _ ((1 - t) * (\rsum_(k < n) exp (p k - A)) + t * (\rsum_(k < n) exp (q k - B)))); last first.
    by rewrite !norm; lra.
  rewrite -!rsum_scal_l -rsum_plus; apply: rsum_le => k _.
  have -> : z k - ((1 - t) * A + t * B) = (1 - t) * (p k - A) + t * (q k - B) by rewrite /z; ring.
  exact: exp_convex.
have E : \rsum_(k < n) exp (z k - ((1 - t) * A + t * B)) = sumexp z * exp (- ((1 - t) * A + t * B)).
  by rewrite -rsum_scal_r; apply: eq_bigr => k _; rewrite exp_plus.
rewrite E exp_Ropp in key.
set C := (1 - t) * A + t * B in key *.
have pC := exp_pos C.
have le : sumexp z <= exp C.
  apply: (Rmult_le_reg_r (/ exp C)); first exact: Rinv_0_lt_compat.
  by rewrite (Rinv_r (exp C)); lra.
rewrite -(ln_exp C).
case: (Rle_lt_or_eq_dec _ _ le) => [lt|->]; last exact: Rle_refl.
by apply: Rlt_le; apply: ln_increasing => //; exact: sumexp_pos.
Qed.

Lemma celoss_convex : convex celoss.
Proof.
move=> p q t tt; have := lse_convex p q tt; rewrite /celoss.
have -> : \rsum_(k < n) (y k * ((1 - t) * p k + t * q k)) =
  (1 - t) * (\rsum_(k < n) (y k * p k)) + t * (\rsum_(k < n) (y k * q k)).
  by rewrite -!rsum_scal_l -rsum_plus; apply: eq_bigr => k _; ring.
by lra.
Qed.

Lemma celoss_dgrad p : is_dgrad celoss p (fun k => exp (p k) / sumexp p - y k).
Proof.
move=> h; rewrite /celoss.
have p0 := sumexp_pos p.
have d1 : is_derive (fun t => sumexp (fun k => p k + t * h k)) 0 (\rsum_(k < n) (h k * exp (p k))).
  apply: is_derive_rsum => k _; auto_derive => //.
  by rewrite Rmult_0_l Rplus_0_r; ring.
have e0 : sumexp (fun k => p k + 0 * h k) = sumexp p.
  by apply: eq_bigr => k _; rewrite Rmult_0_l Rplus_0_r.
have d2 : is_derive ln (sumexp (fun k => p k + 0 * h k)) (/ sumexp p).
  by rewrite e0; exact: is_derive_ln.
have d3 := is_derive_comp _ _ _ _ _ d2 d1.
have d4 : is_derive (fun t => \rsum_(k < n) (y k * (p k + t * h k))) 0 (\rsum_(k < n) (y k * h k)).
  by apply: is_derive_rsum => k _; auto_derive => //; ring.
have d5 := is_derive_minus _ _ _ _ _ d3 d4.
have E : \rsum_(k < n) ((exp (p k) / sumexp p - y k) * h k) =
  minus (scal (\rsum_(k < n) (h k * exp (p k))) (/ sumexp p)) (\rsum_(k < n) (y k * h k)).
  rewrite /minus /plus /opp /scal /= /mult /= -rsum_scal_r -[RHS]/(_ - _) -rsum_minus.
  by apply: eq_bigr => k _; rewrite /Rdiv; ring.
by rewrite E; exact: d5.
Qed.

Lemma celoss_gdifferentiable : gdifferentiable celoss.
Proof. by move=> p; eexists; exact: celoss_dgrad. Qed.
End CrossEntropy.

(** ** Functions of one real variable: logistic loss and smoothed hinge *)

Section Margin.
(** smoothed hinge max(0, 1 + u)^2, u = - y q *)
Definition hinge2 (u : R) : R := Rmax 0 (1 + u) * Rmax 0 (1 + u).
Definition dhinge2 (u : R) : R := 2 * Rmax 0 (1 + u).

Lemma hinge2_tangent u v : hinge2 u + dhinge2 u * (v - u) <= hinge2 v.
Proof.
rewrite /hinge2 /dhinge2 /Rmax; have s := Rle_0_sqr (v - u); rewrite /Rsqr in s.
by case: Rle_dec => hu; case: Rle_dec => hv; nra.
Qed.

Lemma hinge2_upper u v : hinge2 v <= hinge2 u + dhinge2 u * (v - u) + (v - u) * (v - u).
Proof.
rewrite /hinge2 /dhinge2 /Rmax; have s := Rle_0_sqr (v - u); rewrite /Rsqr in s.
by case: Rle_dec => hv; case: Rle_dec => hu; nra.
Qed.

Lemma hinge2_derive u : is_derive hinge2 u (dhinge2 u).
Proof.
apply/is_derive_Reals => eps e0; exists (mkposreal _ e0) => h hn /= hh.
have lo := hinge2_tangent u (u + h); have hi := hinge2_upper u (u + h).
have -> : (hinge2 (u + h) - hinge2 u) / h - dhinge2 u = (hinge2 (u + h) - hinge2 u - dhinge2 u * h) / h by field.
have h0 := Rabs_pos_lt _ hn.
rewrite Rabs_div //; apply: (Rmult_lt_reg_r (Rabs h)) => //.
have -> : Rabs (hinge2 (u + h) - hinge2 u - dhinge2 u * h) / Rabs h * Rabs h =
  Rabs (hinge2 (u + h) - hinge2 u - dhinge2 u * h) by field; lra.
apply: (Rle_lt_trans _ (Rabs h * Rabs h)); last by apply: Rmult_lt_compat_r.
have -> : Rabs h * Rabs h = h * h by rewrite -Rabs_mult Rabs_right //; apply: Rle_ge; exact: Rle_0_sqr.
have uh : u + h - u = h by ring.
by rewrite uh in lo hi; apply: Rabs_le; lra.
Qed.

(** logistic loss ln(1 + exp u), u = - y q *)
Definition logistic (u : R) : R := ln (1 + exp u).
Definition dlogistic (u : R) : R := exp u / (1 + exp u).

Lemma logistic_derive u : is_derive logistic u (dlogistic u).
Proof. by rewrite /logistic /dlogistic; have := exp_pos u => e0; auto_derive; [lra|field; lra]. Qed.

(** its slope is never zero *)
Lemma dlogistic_pos u : 0 < dlogistic u.
Proof. by have := exp_pos u => e0; apply: Rdiv_lt_0_compat; lra. Qed.
End Margin.
