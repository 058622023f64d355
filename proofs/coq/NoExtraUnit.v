(** no_extra_unit: L2(theta, a, b) = L(theta) (1 + (a e^b - 1)^2) / 2 + lambda a^2 adds no unit to the network.
    Where its partial derivatives in a and b vanish, a = 0 and L(theta) = 0 (L >= 0 is not used); with L >= 0 the
    local minima are exactly those points, and they are global.
    no_extra_unit_escape: if L(theta) > 0 the infimum over (a, b) is L(theta) / 2, it is not attained, and
    values near it force a -> 0 and a e^b -> 1. *)
From Coq Require Import Reals Lra.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section NoExtraUnit.
Variables (Theta : Type) (L : Theta -> R) (lambda : R).
Hypothesis lambda_pos : 0 < lambda.

Definition L2 (th : Theta) (a b : R) : R :=
  L th * (1 + (a * exp b - 1) * (a * exp b - 1)) / 2 + lambda * (a * a).

Lemma dL2_da th a b : is_derive (fun s => L2 th s b) a
  (L th * (a * exp b - 1) * exp b + lambda * (2 * a)).
Proof. by rewrite /L2; auto_derive => //; field. Qed.

Lemma dL2_db th a b : is_derive (fun s => L2 th a s) b (L th * (a * exp b - 1) * (a * exp b)).
Proof. by rewrite /L2; auto_derive => //; field. Qed.

(** L >= 0 is NOT used here *)
Theorem no_extra_unit th a b :
  is_derive (fun s => L2 th s b) a 0 -> is_derive (fun s => L2 th a s) b 0 -> a = 0 /\ L th = 0.
Proof.
move=> ha hb.
have A := is_derive_unique _ _ _ (dL2_da th a b); rewrite (is_derive_unique _ _ _ ha) in A.
have B := is_derive_unique _ _ _ (dL2_db th a b); rewrite (is_derive_unique _ _ _ hb) in B.
have e0 := exp_pos b.
have aa : a * a = 0.
  apply: (Rmult_eq_reg_l (2 * lambda)); last by lra.
  have -> : 2 * lambda * (a * a) = a * (L th * (a * exp b - 1) * exp b + lambda * (2 * a)) -
     L th * (a * exp b - 1) * (a * exp b) by ring.
  by rewrite -A -B; ring.
have a0 : a = 0 by case: (Rmult_integral _ _ aa).
split => //; rewrite a0 in A.
have {}A : L th * exp b = 0 by lra.
by case: (Rmult_integral _ _ A) => //; lra.
Qed.

(** at a local minimum (in (a,b) alone) th is a global minimum of L; only here L >= 0 is used *)
Theorem no_extra_unit_local_min th a b :
  (forall th', 0 <= L th') ->
  (exists r, 0 < r /\ forall a' b', Rabs (a' - a) < r -> Rabs (b' - b) < r -> L2 th a b <= L2 th a' b') <->
  a = 0 /\ L th = 0.
Proof.
move=> L0; split => [[r [r0 h]]|[-> e]]; last first.
  exists 1; split; first by lra.
  move=> a' b' _ _; rewrite /L2 e.
  by have : 0 <= lambda * (a' * a') by [apply: Rmult_le_pos; [lra|exact: Rle_0_sqr]]; lra.
have ab u : Rabs (u - u) < r by rewrite Rminus_eq_0 Rabs_R0.
apply: (no_extra_unit (b := b)).
  have D := dL2_da th a b.
  have D' : is_derive (fun t => L2 th (a + t) b) 0 (L th * (a * exp b - 1) * exp b + lambda * (2 * a)).
    by rewrite /L2; auto_derive => //; rewrite !Rplus_0_r; field.
  have z : L th * (a * exp b - 1) * exp b + lambda * (2 * a) = 0.
    apply: (fermat r0 _ D') => t ht; rewrite Rplus_0_r; apply: h => //.
    by have -> : a + t - a = t by ring.
  by rewrite z in D.
have D := dL2_db th a b.
have D' : is_derive (fun t => L2 th a (b + t)) 0 (L th * (a * exp b - 1) * (a * exp b)).
  by rewrite /L2; auto_derive => //; rewrite !Rplus_0_r; field.
have z : L th * (a * exp b - 1) * (a * exp b) = 0.
  apply: (fermat r0 _ D') => t ht; rewrite Rplus_0_r; apply: h => //.
  by have -> : b + t - b = t by ring.
by rewrite z in D.
Qed.

Corollary no_extra_unit_global th a b :
  (forall th', 0 <= L th') ->
  (exists r, 0 < r /\ forall a' b', Rabs (a' - a) < r -> Rabs (b' - b) < r -> L2 th a b <= L2 th a' b') ->
  (forall th', L th <= L th') /\ (forall th' a' b', L2 th a b <= L2 th' a' b').
Proof.
move=> L0 /(no_extra_unit_local_min _ _ _ L0) [-> e]; split => [th'|th' a' b'].
  by rewrite e.
rewrite /L2 e.
have p1 : 0 <= lambda * (a' * a') by apply: Rmult_le_pos; [lra|exact: Rle_0_sqr].
set u := a' * exp b' - 1.
have p2 : 0 <= L th' * (1 + u * u) by apply: Rmult_le_pos => //; have := Rle_0_sqr u; rewrite /Rsqr; lra.
by lra.
Qed.

(** escape: if L(theta) > 0 the infimum over (a,b) is L(theta)/2, it is not attained, and a value
    within eps of it forces a^2 <= eps/lambda and (a e^b - 1)^2 <= 2 eps / L(theta) *)
Theorem no_extra_unit_escape th : 0 < L th ->
  (forall a b, L th / 2 < L2 th a b) /\
  (forall eps, 0 < eps -> exists a b, L2 th a b < L th / 2 + eps) /\
  (forall a b eps, L2 th a b <= L th / 2 + eps ->
     a * a <= eps / lambda /\ (a * exp b - 1) * (a * exp b - 1) <= 2 * eps / L th).
Proof.
move=> Lp; have lo a b : 0 <= lambda * (a * a) /\ 0 <= L th * ((a * exp b - 1) * (a * exp b - 1)).
  by split; apply: Rmult_le_pos; try lra; exact: Rle_0_sqr.
have E a b : L2 th a b = L th / 2 + L th * ((a * exp b - 1) * (a * exp b - 1)) / 2 + lambda * (a * a).
  by rewrite /L2; field.
split.
  move=> a b; rewrite E; have [p1 p2] := lo a b.
  case: (Req_dec a 0) => [->|an].
    by rewrite !Rmult_0_l; lra.
  have : 0 < lambda * (a * a) by apply: Rmult_lt_0_compat => //; exact: Rsqr_pos_lt.
  by lra.
split.
  move=> eps e0; pose B := lambda / eps.
  have B0 : 0 < B by exact: Rdiv_lt_0_compat.
  exists (exp (- B)), B; rewrite E.
  have ee : exp (- B) * exp B = 1 by rewrite -exp_plus Rplus_opp_l exp_0.
  rewrite ee; have -> : lambda * (exp (- B) * exp (- B)) = lambda * exp (- B + - B) by rewrite exp_plus.
  have E2 : 1 + (B + B) < exp (B + B) by apply: exp_ineq1; lra.
  have p := exp_pos (- B + - B).
  have e1 : exp (- B + - B) * exp (B + B) = 1.
    by rewrite -exp_plus -[RHS]exp_0; congr exp; ring.
  have lt : lambda * exp (- B + - B) < eps.
    apply: (Rmult_lt_reg_r (exp (B + B))); first exact: exp_pos.
    rewrite Rmult_assoc e1 Rmult_1_r.
    have : eps * (1 + (B + B)) < eps * exp (B + B) by apply: Rmult_lt_compat_l.
    have -> : eps * (1 + (B + B)) = eps + 2 * lambda by rewrite /B; field; lra.
    by lra.
  by lra.
move=> a b eps; rewrite E; have [p1 p2] := lo a b => h; split.
  apply: (Rmult_le_reg_l lambda) => //.
  have -> : lambda * (eps / lambda) = eps by field; lra.
  by lra.
apply: (Rmult_le_reg_l (L th)) => //.
have -> : L th * (2 * eps / L th) = 2 * eps by field; lra.
by lra.
Qed.
End NoExtraUnit.
