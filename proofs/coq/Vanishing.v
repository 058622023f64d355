(** vanishing: wherever the partial derivatives of Lt in all a_k and b_k vanish, a = 0; because
    a_k dLt/da_k - dLt/db_k = 2 lambda a_k^2 at EVERY point.  Neither convexity nor any property of the network
    is used, and lambda <> 0 is enough.
    vanishing_at_minima: at a local minimum a = 0, without differentiability, for lambda > 0. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Vanishing.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Local Notation Lt := (Lt x net loss lambda).
Local Notation aug := (aug net).
Local Notation local_min_aux := (local_min_aux x net loss lambda).

Section Identity.
Variables (th : Theta) (a b : vec dy) (W : 'I_dy -> vec dx) (g : 'I_m -> vec dy).
Hypothesis hg : forall i, is_dgrad (loss i) (aug th a b W (x i)) (g i).
Variable k : 'I_dy.

(** the identity, in terms of whatever the two partial derivatives are *)
Theorem vanishing_identity da db :
  is_derive (fun s => Lt th (upd a k s) b W) (a k) da ->
  is_derive (fun s => Lt th a (upd b k s) W) (b k) db ->
  a k * da - db = 2 * lambda * (a k * a k).
Proof.
move=> ha hb.
rewrite -(is_derive_unique _ _ _ ha) -(is_derive_unique _ _ _ hb).
rewrite (is_derive_unique _ _ _ (dLt_da lambda hg k)) (is_derive_unique _ _ _ (dLt_db lambda hg k)) /dA /dB.
have -> : \rsum_(i < m) (a k * exp (dot (W k) (x i) + b k) * g i k) = a k * (\rsum_(i < m) (exp (dot (W k) (x i) + b k) * g i k)).
  by rewrite -rsum_scal_l; apply: eq_bigr => i _; ring.
by ring.
Qed.

Lemma vanishing_one : lambda <> 0 ->
  is_derive (fun s => Lt th (upd a k s) b W) (a k) 0 ->
  is_derive (fun s => Lt th a (upd b k s) W) (b k) 0 -> a k = 0.
Proof.
move=> l0 ha hb; have E := vanishing_identity ha hb.
have {}E : a k * a k = 0 by apply: (Rmult_eq_reg_l (2 * lambda)); lra.
by case: (Rmult_integral _ _ E).
Qed.
End Identity.

(** vanishing *)
Theorem vanishing th a b W :
  (forall i, gdifferentiable (loss i)) -> lambda <> 0 ->
  (forall k, is_derive (fun s => Lt th (upd a k s) b W) (a k) 0) ->
  (forall k, is_derive (fun s => Lt th a (upd b k s) W) (b k) 0) ->
  forall k, a k = 0.
Proof.
move=> df l0 ha hb k.
have [g hg] := fin_all_exists (fun i => df i (aug th a b W (x i))).
exact: (vanishing_one hg l0 (ha k) (hb k)).
Qed.

(** vanishing_at_minima.  At a local minimum a = 0.  No differentiability needed: shrinking a_k by e^{-t} and
    raising b_k by t leaves the network unchanged and lowers the penalty. *)
Lemma vanishing_at_minima th a b W : 0 < lambda -> local_min_aux th a b W -> forall k, a k = 0.
Proof.
move=> lambda_pos [r [r0 h]] k.
case: (Req_dec (a k) 0) => // ak; exfalso.
have A := Rabs_pos_lt _ ak.
pose t := r / (1 + Rabs (a k)) / 2.
have q0 : 0 < r / (1 + Rabs (a k)) by apply: Rdiv_lt_0_compat; lra.
have t0 : 0 < t by rewrite /t; lra.
have tr : t * (1 + Rabs (a k)) < r.
  have -> : t * (1 + Rabs (a k)) = r / 2 by rewrite /t; field; lra.
  by lra.
have tA : 0 < t * Rabs (a k) by apply: Rmult_lt_0_compat.
have e1 : 1 - t < exp (- t) by have := exp_ineq1 (- t); lra.
have e2 : exp (- t) < 1 by rewrite -exp_0; apply: exp_increasing; lra.
have e3 := exp_pos (- t).
pose a' i := if i == k then a i * exp (- t) else a i.
pose b' i := if i == k then b i + t else b i.
have ha i : Rabs (a' i - a i) < r.
  rewrite /a'; case: eqP => [->|_]; last by rewrite Rminus_eq_0 Rabs_R0.
  have -> : a k * exp (- t) - a k = a k * (exp (- t) - 1) by ring.
  rewrite Rabs_mult (Rabs_left (exp (- t) - 1)); last by lra.
  have : Rabs (a k) * - (exp (- t) - 1) <= Rabs (a k) * t by apply: Rmult_le_compat_l; lra.
  by lra.
have hb i : Rabs (b' i - b i) < r.
  rewrite /b'; case: eqP => _; last by rewrite Rminus_eq_0 Rabs_R0.
  have -> : b i + t - b i = t by ring.
  by rewrite Rabs_right; lra.
have hW i j : Rabs (W i j - W i j) < r by rewrite Rminus_eq_0 Rabs_R0.
have := h a' b' W ha hb hW.
have E : aug th a' b' W = aug th a b W.
  apply: functional_extensionality => z; apply: functional_extensionality => i.
  rewrite /Objective.aug /a' /b'; case: eqP => // _.
  have -> : dot (W i) z + (b i + t) = (dot (W i) z + b i) + t by ring.
  rewrite exp_plus.
  have ee : exp (- t) * exp t = 1 by rewrite -exp_plus Rplus_opp_l exp_0.
  have -> : a i * exp (- t) * (exp (dot (W i) z + b i) * exp t) =
            a i * exp (dot (W i) z + b i) * (exp (- t) * exp t) by ring.
  by rewrite ee; ring.
rewrite /Objective.Lt E.
have := @rsum_upd dy (fun i => a' i * a' i) (fun i => a i * a i) k.
move=> /(_ _) U.
have {}U : \rsum_(i < dy) (a' i * a' i) - \rsum_(i < dy) (a i * a i) = a' k * a' k - a k * a k.
  by apply: U => i /negbTE ne; rewrite /a' ne.
have lt : a' k * a' k < a k * a k.
  rewrite /a' eqxx.
  have -> : a k * exp (- t) * (a k * exp (- t)) = (a k * a k) * (exp (- t) * exp (- t)) by ring.
  have p : 0 < a k * a k by apply: Rsqr_pos_lt.
  have s : exp (- t) * exp (- t) < 1.
    have : exp (- t) * exp (- t) < exp (- t) * 1 by apply: Rmult_lt_compat_l.
    by lra.
  have : a k * a k * (exp (- t) * exp (- t)) < a k * a k * 1 by apply: Rmult_lt_compat_l.
  by lra.
have : lambda * (\rsum_(i < dy) (a' i * a' i)) < lambda * (\rsum_(i < dy) (a i * a i)).
  by apply: Rmult_lt_compat_l => //; lra.
by lra.
Qed.


(** the same at a local minimum for any lambda <> 0, now with differentiability *)
Theorem vanishing_at_minima_signed th a b W : (forall i, gdifferentiable (loss i)) -> lambda <> 0 ->
  local_min_aux th a b W -> forall k, a k = 0.
Proof.
move=> df l0 [r [r0 h]] k.
have [g hg] := fin_all_exists (fun i => df i (aug th a b W (x i))).
have near (u : vec dy) t (k' : 'I_dy) : Rabs t < r -> Rabs (upd u k (u k + t) k' - u k') < r.
  move=> ht; rewrite /upd; case: eqP => [->|_]; last exact: Rabs_same.
  by have -> : u k + t - u k = t by ring.
have self (u : vec dy) : upd u k (u k + 0) = u.
  by apply: functional_extensionality => k'; rewrite /upd; case: eqP => // ->; ring.
have line (F : R -> R) p d : is_derive F p d -> is_derive (fun t => F (p + t)) 0 d.
  move=> hd; have D : is_derive (fun t => p + t) 0 1 by auto_derive.
  have hd' : is_derive F (p + 0) d by rewrite Rplus_0_r.
  have := is_derive_comp _ _ _ _ _ hd' D.
  by rewrite /scal /= /mult /= Rmult_1_l.
have da := dLt_da lambda hg k; have db := dLt_db lambda hg k.
have za : dA x lambda a b W g k = 0.
  apply: (fermat r0 _ (line _ _ _ da)) => t ht; rewrite self.
  by apply: h => [k'|k'|k' j]; [exact: near|exact: Rabs_same|exact: Rabs_same].
have zb : dB x a b W g k = 0.
  apply: (fermat r0 _ (line _ _ _ db)) => t ht; rewrite self.
  by apply: h => [k'|k'|k' j]; [exact: Rabs_same|exact: near|exact: Rabs_same].
by apply: (vanishing_one hg l0); [rewrite -[X in is_derive _ _ X]za|rewrite -[X in is_derive _ _ X]zb].
Qed.
End Vanishing.
