(** Compactness of the box [-M, M]^I, I finite, as an induction principle: a property of sets that is
    inherited by subsets and finite unions and holds near every point of the box holds for the box.
    Used once, to show that minimising sequences leave every box (FailureMode). *)
From Coq Require Import Reals Lra.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Lemma real_induction (H : R -> Prop) (a b : R) : a <= b -> H a ->
  (forall s, a <= s <= b -> exists d, 0 < d /\
     forall t1 t2, s - d < t1 -> t1 < t2 -> t2 < s + d -> H t1 -> H t2) ->
  H b.
Proof.
move=> ab Ha step.
pose E t := a <= t <= b /\ H t.
have bE : bound E by exists b => t [[]].
have nE : exists t, E t by exists a; split => //; split; [exact: Rle_refl|].
have [S [ub lub]] := completeness E bE nE.
have aS : a <= S by apply: ub; split => //; split; [exact: Rle_refl|].
have Sb : S <= b by apply: lub => t [[]].
have [d [d0 hd]] := step S (conj aS Sb).
(* some element of E is above S - d *)
have [//|nb] : H b \/ ~ H b by exact: Classical_Prop.classic.
have [t1 [Et1 lt1]] : exists t, E t /\ S - d < t.
  apply: Classical_Prop.NNPP => none.
  have : S <= S - d.
    apply: lub => t Et; case: (Rle_or_lt t (S - d)) => // lt; case: none; by exists t.
  by lra.
have t1S : t1 <= S by exact: ub.
case: (Et1) => [[at1 t1b] Ht1].
pose t2 := Rmin b (S + d / 2).
have t2b : t2 <= b by exact: Rmin_l.
have t2d : t2 <= S + d / 2 by exact: Rmin_r.
case: (Rlt_or_le t1 t2) => [lt|le].
  have Ht2 : H t2 by apply: (hd t1 t2) => //; lra.
  have t2S : t2 <= S by apply: ub; split => //; lra.
  have e : t2 = b.
    by rewrite /t2; rewrite /Rmin in t2S *; case: Rle_dec => //; move: t2S; rewrite /t2 /Rmin; case: Rle_dec => //; lra.
  by rewrite -e.
have e : t1 = b.
  by move: le; rewrite /t2 /Rmin; case: Rle_dec => _ le; lra.
by rewrite -e.
Qed.

Section Box.
Variables (I : finType) (M : R).
Hypothesis M0 : 0 <= M.
Definition box (v : I -> R) : Prop := forall i, Rabs (v i) <= M.

Variable good : ((I -> R) -> Prop) -> Prop.
Hypothesis good_empty : good (fun=> False).
Hypothesis good_sub : forall A B : (I -> R) -> Prop, (forall v, A v -> B v) -> good B -> good A.
Hypothesis good_union : forall A B : (I -> R) -> Prop, good A -> good B -> good (fun v => A v \/ B v).
Hypothesis good_local : forall u, box u -> exists d, 0 < d /\
  good (fun v => box v /\ forall i, Rabs (v i - u i) < d).

Lemma good_slab (js : seq I) (u : I -> R) : box u -> exists d, 0 < d /\
  good (fun v => box v /\ forall i, i \notin js -> Rabs (v i - u i) < d).
Proof.
elim: js u => [|j js IH] u bu.
  have [d [d0 h]] := good_local bu; exists d; split => //.
  by apply: good_sub h => v [bv hv]; split => // i; apply: hv.
pose Q t d := good (fun v => box v /\ v j <= t /\ forall i, i \notin (j :: js) -> Rabs (v i - u i) < d).
pose H t := exists d, 0 < d /\ Q t d.
have : H M.
  apply: (@real_induction H (- M - 1) M); first by lra.
    exists 1; split; first by lra.
    apply: good_sub good_empty => v [bv [hj _]].
    by have := Rabs_def2 (v j) (M + 1); have := bv j; lra.
  move=> s [s1 s2].
  case: (Rle_or_lt (- M) s) => [s3|s3]; last first.
    exists (- M - s); split; first by lra.
    move=> t1 t2 _ _ lt2 _; exists 1; split; first by lra.
    apply: good_sub good_empty => v [bv [hj _]].
    by have := Rabs_def2 (v j) (- t2); have := bv j; have := Rle_abs (- v j); rewrite Rabs_Ropp; lra.
  pose us i := if i == j then s else u i.
  have bus : box us.
    by move=> i; rewrite /us; case: eqP => _; [apply: Rabs_le; lra|exact: bu].
  have [d [d0 hd]] := IH us bus.
  exists d; split => // t1 t2 lo lt hi [d1 [d10 h1]].
  exists (Rmin d d1); split; first exact: Rmin_glb_lt.
  apply: good_sub (good_union h1 hd) => v [bv [hj hi']].
  have m1 := Rmin_l d d1; have m2 := Rmin_r d d1.
  case: (Rle_or_lt (v j) t1) => [le|gt]; [left|right].
    by split => //; split => // i ni; have := hi' i ni; lra.
  split => // i ni; rewrite /us; case: eqP => [->|/eqP ne].
    by apply: Rabs_def1; lra.
  have := hi' i; rewrite inE negb_or ne ni => /(_ isT); lra.
move=> [d [d0 h]]; exists d; split => //.
apply: good_sub h => v [bv hv]; split => //; split => //.
by have := bv j; have := Rle_abs (v j); lra.
Qed.

Lemma good_box : good box.
Proof.
have b0 : box (fun=> 0) by move=> i; rewrite Rabs_R0.
have [d [d0 h]] := good_slab (enum I) b0.
by apply: good_sub h => v bv; split => // i; rewrite mem_enum.
Qed.
End Box.
