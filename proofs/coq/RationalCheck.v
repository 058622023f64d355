(** A decision procedure on rational data, proved correct (squared error): given inputs X, predictions P and
    labels Y over Q, [checkQ] decides whether the predictions are optimal among ALL functions of the inputs,
    that is whether (theta, 0, b, W) is a local minimum of Lt.  It runs inside Coq's kernel. *)
From Coq Require Import Reals Lra QArith Qreals FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Elimination Characterisation Losses.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Definition Q0 : Q := Qmake Z0 xH.
Notation "a /! b" := (Qmake a%Z b%positive) (at level 40).

Section Exec.
Variables (m dx dy : nat) (X P Y : nat -> nat -> Q).
Fixpoint qsum (s : seq nat) (F : nat -> Q) : Q :=
  if s is i :: s' then Qred (Qplus (F i) (qsum s' F)) else Q0.
Definition qrow_eq (i j : nat) : bool := all (fun c => Qeq_bool (X j c) (X i c)) (seq.iota 0 dx).
Definition qresid (i k : nat) : Q :=
  qsum (seq.iota 0 m) (fun j => if qrow_eq i j then Qminus (P j k) (Y j k) else Q0).
Definition checkQ : bool :=
  all (fun i => all (fun k => Qeq_bool (qresid i k) Q0) (seq.iota 0 dy)) (seq.iota 0 m).
End Exec.

Lemma Qeq_boolR a b : Qeq_bool a b = (Q2R a == Q2R b).
Proof.
apply/idP/eqP => [h|h]; first by apply: Qeq_eqR; exact: Qeq_bool_eq.
by apply: Qeq_eq_bool; exact: eqR_Qeq.
Qed.

Lemma Q2R0 : Q2R (0 /! 1) = 0. Proof. by rewrite /Q2R /=; lra. Qed.

Lemma Q2R_qsum s F : Q2R (qsum s F) = \big[Rplus/0]_(i <- s) Q2R (F i).
Proof.
elim: s => [|i s IH]; first by rewrite big_nil Q2R0.
rewrite big_cons -IH -Q2R_plus; apply: Qeq_eqR; exact: Qred_correct.
Qed.

Lemma all_iotaP n (p : pred nat) : reflect (forall i : 'I_n, p i) (all p (seq.iota 0 n)).
Proof.
apply: (iffP allP) => [h i|h i]; first by apply: h; rewrite mem_iota /=.
by rewrite mem_iota /= add0n => hi; exact: (h (Ordinal hi)).
Qed.

Section Correct.
Variables (m dx dy : nat) (X P Y : nat -> nat -> Q).
Definition xR (i : 'I_m) : vec dx := fun j => Q2R (X i j).
Definition yR (i : 'I_m) : vec dy := fun k => Q2R (Y i k).
Variables (Theta : Type) (net : Theta -> vec dx -> vec dy) (th : Theta).
Hypothesis m_pos : (0 < m)%N.
Hypothesis predictions : forall (i : 'I_m) k, net th (xR i) k = Q2R (P i k).
Let loss (i : 'I_m) := sqloss (yR i).

Lemma qrow_same (i j : 'I_m) : qrow_eq dx X i j = same xR j (xR i).
Proof.
by apply/all_iotaP/forallP => h k; have := h k; rewrite Qeq_boolR.
Qed.

Lemma qresidE (i : 'I_m) k : Q2R (qresid m dx X P Y i k) =
  \rsum_(j < m | same xR j (xR i)) (Q2R (P j k) - Q2R (Y j k)).
Proof.
rewrite /qresid Q2R_qsum.
have -> : seq.iota 0 m = index_iota 0 m by rewrite /index_iota subn0.
rewrite big_mkord [RHS]big_mkcond /=; apply: eq_bigr => j _.
by rewrite qrow_same; case: same; rewrite ?Q2R_minus ?Q2R0.
Qed.

Lemma checkQ_grouped : checkQ m dx dy X P Y <-> grouped_grad_zero xR net loss th.
Proof.
have G g i : is_dgrad (loss i) (net th (xR i)) g -> forall k, g k = 2 * (Q2R (P i k) - Q2R (Y i k)).
  by move=> hg k; rewrite (is_dgrad_unique hg (is_grad_dgrad (sqloss_grad _ _))) predictions.
split => [/all_iotaP h g hg z k|h].
  case: (pickP (fun i => same xR i z)) => [i0 /sameP <-|none]; last by rewrite big_pred0.
  have /all_iotaP /(_ k) := h i0; rewrite Qeq_boolR Q2R0 qresidE => /eqP E.
  have {}E : 2 * (\rsum_(j < m | same xR j (xR i0)) (Q2R (P j k) - Q2R (Y j k))) = 0 by rewrite E; ring.
  rewrite -[RHS]E -rsum_scal_l; apply: eq_bigr => j _; exact: G (hg j) k.
apply/all_iotaP => i; apply/all_iotaP => k; rewrite Qeq_boolR Q2R0 qresidE; apply/eqP.
have E := h (fun j c => 2 * (net th (xR j) c - yR j c)) (fun j => is_grad_dgrad (sqloss_grad _ _)) (xR i) k.
rewrite rsum_scal_l in E.
apply: (Rmult_eq_reg_l 2); last by lra.
rewrite Rmult_0_r -[RHS]E; congr (_ * _); apply: eq_bigr => j _.
by rewrite predictions.
Qed.

Theorem checkQ_correct :
  checkQ m dx dy X P Y <-> forall q : vec dx -> vec dy, L xR net loss th <= risk xR loss q.
Proof.
rewrite checkQ_grouped; symmetry; apply: optimal_iff_grouped => // i; first exact: sqloss_convex.
by apply: differentiable_gd; exact: sqloss_differentiable.
Qed.

Theorem checkQ_local_min lambda (b : vec dy) (W : 'I_dy -> vec dx) : 0 < lambda ->
  checkQ m dx dy X P Y <-> local_min_aux xR net loss lambda th (fun=> 0) b W.
Proof.
move=> l0.
have cv i : convex (loss i) by exact: sqloss_convex.
have df i : gdifferentiable (loss i) by apply: differentiable_gd; exact: sqloss_differentiable.
rewrite checkQ_grouped (@characterisation_grouped m dx dy xR Theta net loss lambda m_pos th (fun=> 0) b W l0 cv df).
by split => [h|[_ h]].
Qed.
End Correct.

(** run it inside the kernel *)
Definition tab (s : seq (seq Q)) (i j : nat) : Q := nth Q0 (nth [::] s i) j.
Definition demoX := tab [:: [:: 0 /! 1; 1 /! 2]; [:: 0 /! 1; 2 /! 4]; [:: 3 /! 1; 1 /! 1]].
Definition demoY := tab [:: [:: 1 /! 1]; [:: 2 /! 1]; [:: 5 /! 7]].
Definition demoP := tab [:: [:: 3 /! 2]; [:: 3 /! 2]; [:: 10 /! 14]].
Definition demoP' := tab [:: [:: 3 /! 2]; [:: 3 /! 2]; [:: 11 /! 14]].
Goal checkQ 3 2 1 demoX demoP demoY = true. Proof. by vm_compute. Qed.
Goal checkQ 3 2 1 demoX demoP' demoY = false. Proof. by vm_compute. Qed.
