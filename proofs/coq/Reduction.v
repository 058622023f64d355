(** reduction: the critical points of Lt are exactly the (theta, 0, b, W) with grad L(theta) = 0 and
    S_k(w_k) = sum_i d_k l_i(f(x_i; theta)) exp(w_k . x_i) = 0 for every k, b free.  lambda <> 0 is enough, and nothing is
    assumed of the network (at a = 0 the partial derivatives of Lt in theta are those of L). *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Reduction.
Variables (m dx dy n : nat) (x : 'I_m -> vec dx)
  (net : vec n -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Local Notation risk := (risk x loss).
Local Notation L := (L x net loss).
Local Notation aug := (aug net).
Local Notation Lt := (Lt x net loss lambda).

(** all partial derivatives of Lt exist and vanish *)
Definition critical (th : vec n) (a b : vec dy) (W : 'I_dy -> vec dx) : Prop :=
  (forall j, is_derive (fun t => Lt (shift th j t) a b W) 0 0) /\
  (forall k, is_derive (fun s => Lt th (upd a k s) b W) (a k) 0) /\
  (forall k, is_derive (fun s => Lt th a (upd b k s) W) (b k) 0) /\
  (forall k j, is_derive (fun s => Lt th a b (updW W k j s)) (W k j) 0).

(** No hypothesis on f: at a = 0 the partial derivatives of Lt along theta ARE those of L. *)
Theorem reduction th a b W :
  (forall i, gdifferentiable (loss i)) -> lambda <> 0 ->
  critical th a b W <->
    (forall k, a k = 0) /\
    (forall j, is_derive (fun t => L (shift th j t)) 0 0) /\
    (forall g, (forall i, is_dgrad (loss i) (net th (x i)) (g i)) ->
       forall k, \rsum_(i < m) (g i k * exp (dot (W k) (x i))) = 0).
Proof.
move=> df lambda_n0; have im := invm_pos m_pos; split; last first.
  move=> [a0 [cL hS]].
  have cst b' W' : Lt th a b' W' = L th by exact: Lt_a0.
  split.
    move=> j; apply: is_derive_ext (cL j) => t; by rewrite Lt_a0.
  split.
    move=> k; have [g hg] := grads x net th df.
    have hg' i : is_dgrad (loss i) (aug th a b W (x i)) (g i) by rewrite aug_a0.
    have := dLt_da lambda hg' k; rewrite /dA.
    have -> : / INR m * (\rsum_(i < m) (exp (dot (W k) (x i) + b k) * g i k)) + lambda * (2 * a k) = 0.
      have -> : \rsum_(i < m) (exp (dot (W k) (x i) + b k) * g i k) =
        exp (b k) * (\rsum_(i < m) (g i k * exp (dot (W k) (x i)))).
        by rewrite -rsum_scal_l; apply: eq_bigr => i _; rewrite exp_plus; ring.
      by rewrite hS // a0; ring.
    by [].
  split => [k|k j].
    by apply: (is_derive_ext (fun=> L th)) => [s|]; [rewrite cst|exact: is_derive_const].
  by apply: (is_derive_ext (fun=> L th)) => [s|]; [rewrite cst|exact: is_derive_const].
move=> [cth [ca [cb cW]]].
have [g0 hg0] : exists g, forall i, is_dgrad (loss i) (aug th a b W (x i)) (g i).
  exact: (fin_all_exists (fun i => df i (aug th a b W (x i)))).
have a0 k : a k = 0 by exact: (vanishing_one hg0 lambda_n0 (ca k) (cb k)).
split => //; split.
  by move=> j; apply: is_derive_ext (cth j) => t; rewrite Lt_a0.
move=> g hg k.
have hg' i : is_dgrad (loss i) (aug th a b W (x i)) (g i) by rewrite aug_a0.
have E := is_derive_unique _ _ _ (dLt_da lambda hg' k); rewrite /dA in E.
rewrite (is_derive_unique _ _ _ (ca k)) in E.
have {}E : / INR m * (exp (b k) * (\rsum_(i < m) (g i k * exp (dot (W k) (x i))))) = 0.
  have -> : exp (b k) * (\rsum_(i < m) (g i k * exp (dot (W k) (x i)))) =
     \rsum_(i < m) (exp (dot (W k) (x i) + b k) * g i k).
    by rewrite -rsum_scal_l; apply: eq_bigr => i _; rewrite exp_plus; ring.
  by move: E; rewrite a0 => E; lra.
case: (Rmult_integral _ _ E) => [|{}E]; first by lra.
by case: (Rmult_integral _ _ E) => // e0; have := exp_pos (b k); lra.
Qed.

End Reduction.
