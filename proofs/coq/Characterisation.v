(** characterisation: the local minima of Lt are exactly the points with a = 0 and L(theta) optimal among all
    functions of x (b and W arbitrary); each is a global minimum of Lt with value L(theta).  Stated for local
    minima in (a, b, W) with theta fixed and for local minima in the product topology.
    optimal_iff_grouped, optimal_iff_groupwise: "optimal among all functions" means that the grouped gradients
    vanish, and that on each group of equal inputs the output minimises the group's own loss, that is
    L(theta) = L*.
    vacuity: if no theta is optimal, Lt has no local minimum at all. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing Elimination.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Fixed.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Local Notation risk := (risk x loss).
Local Notation L := (L x net loss).
Local Notation aug := (aug net).
Local Notation Lt := (Lt x net loss lambda).
Local Notation local_min_aux := (local_min_aux x net loss lambda).
Local Notation grouped_grad_zero := (grouped_grad_zero x net loss).

(** a = 0 and optimality give a global minimum of Lt; no hypothesis on the losses *)
Theorem global_from_optimal th a b W : 0 <= lambda ->
  (forall k, a k = 0) -> (forall q, L th <= risk q) ->
  forall th' a' b' W', Lt th a b W <= Lt th' a' b' W'.
Proof.
move=> l0 a0 opt th' a' b' W'; rewrite Lt_a0 //.
have := opt (aug th' a' b' W').
have : 0 <= lambda * (\rsum_(k < dy) (a' k * a' k)).
  by apply: Rmult_le_pos => //; apply: rsum_ge0 => k _; exact: Rle_0_sqr.
by rewrite /Objective.Lt; lra.
Qed.

Lemma local_from_optimal th a b W : 0 <= lambda ->
  (forall k, a k = 0) -> (forall q, L th <= risk q) -> local_min_aux th a b W.
Proof.
move=> l0 a0 opt; exists 1; split; first by lra.
by move=> a' b' W' _ _ _; exact: global_from_optimal.
Qed.

(** th is optimal among ALL functions of the inputs iff the grouped gradients vanish *)
Theorem optimal_iff_grouped th :
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  (forall q : vec dx -> vec dy, L th <= risk q) <-> grouped_grad_zero th.
Proof.
move=> cv df; split; last first.
  by move=> gz; have [g hg] := grads x net th df; exact: (grouped_global m_pos cv hg (gz g hg)).
move=> opt g hg z k.
pose ez (i : 'I_m) : vec dy := fun j => if same x i z && (j == k) then 1 else 0.
pose q t : vec dx -> vec dy := fun u j =>
  net th u j + t * (if [forall l, u l == z l] && (j == k) then 1 else 0).
pose phi t := / INR m * (\rsum_(i < m) loss i (fun j => net th (x i) j + t * ez i j)).
have phiE t : phi t = risk (q t) by [].
have phi0 : phi 0 = L th.
  rewrite /phi /Objective.L /Objective.risk; congr (_ * _); apply: eq_bigr => i _.
  by congr (loss i _); apply: functional_extensionality => j; ring.
have dphi : is_derive phi 0 (/ INR m * (\rsum_(i < m) (\rsum_(j < dy) (g i j * ez i j)))).
  apply: is_derive_scal.
  by apply: is_derive_rsum => i _; exact: hg.
have z0 := fermat Rlt_0_1 (fun t _ => eq_ind_r (fun v => v <= phi t) (opt (q t)) phi0) dphi.
have im := invm_pos m_pos.
have {}z0 : \rsum_(i < m) (\rsum_(j < dy) (g i j * ez i j)) = 0.
  by apply: (Rmult_eq_reg_l (/ INR m)); lra.
rewrite -[RHS]z0 big_mkcond /=; apply: eq_bigr => i _.
rewrite (@rsum_single _ _ k); first by rewrite /ez eqxx andbT; case: same; ring.
by move=> j /negbTE ne; rewrite /ez ne andbF; ring.
Qed.


(** L* of the data, group by group: "optimal among all functions of x" says that on each group of equal
    inputs the network's output minimises the sum of the group's losses.  No hypothesis on the losses. *)
Theorem optimal_iff_groupwise th :
  (forall q, L th <= risk q) <->
  (forall (z : vec dx) (p : vec dy),
     \rsum_(i < m | same x i z) loss i (net th (x i)) <= \rsum_(i < m | same x i z) loss i p).
Proof.
have im := invm_pos m_pos.
split => [opt z p|h q].
  pose q : vec dx -> vec dy := fun u => if [forall j, u j == z j] then p else net th u.
  have := Rmult_le_reg_l _ _ _ im (opt q).
  have qE i : q (x i) = if same x i z then p else net th (x i) by [].
  have split_sum (F : 'I_m -> R) : \rsum_(i < m) F i =
      \rsum_(i < m | same x i z) F i + \rsum_(i < m | ~~ same x i z) F i by exact: bigID.
  rewrite (split_sum (fun i => loss i (q (x i)))) (split_sum (fun i => loss i (net th (x i)))).
  have -> : \rsum_(i < m | same x i z) loss i (q (x i)) = \rsum_(i < m | same x i z) loss i p.
    by apply: eq_bigr => i s; rewrite qE s.
  have -> : \rsum_(i < m | ~~ same x i z) loss i (q (x i)) = \rsum_(i < m | ~~ same x i z) loss i (net th (x i)).
    by apply: eq_bigr => i /negbTE s; rewrite qE s.
  by lra.
apply: Rmult_le_compat_l; first by lra.
pose rep i := odflt i [pick j | same x j (x i)].
have repP i : x (rep i) = x i by rewrite /rep; case: pickP => [j /sameP|] //=.
have rep_eq i i' : x i = x i' -> rep i = rep i'.
  move=> e; rewrite /rep e; case: pickP => [//|none].
  by move/sameP: (none i') => [].
have groups (F : 'I_m -> R) : \rsum_(i < m) F i = \rsum_(j < m) (\rsum_(i < m | rep i == j) F i).
  by rewrite (partition_big rep predT).
rewrite (groups (fun i => loss i (net th (x i)))) (groups (fun i => loss i (q (x i)))).
apply: rsum_le => j _.
case: (pickP (fun i => rep i == j)) => [i0 /eqP e0|none]; last by rewrite !big_pred0 //; lra.
have E (F : 'I_m -> R) : \rsum_(i < m | rep i == j) F i = \rsum_(i < m | same x i (x i0)) F i.
  apply: eq_bigl => i; apply/eqP/sameP => [e|e]; last by rewrite (rep_eq _ _ e).
  by rewrite -(repP i) e -e0 repP.
rewrite !E; apply: Rle_trans (h (x i0) (q (x i0))) _.
by apply: Req_le; apply: eq_bigr => i /sameP ->.
Qed.

(** characterisation, theta held fixed *)
Theorem characterisation th a b W : 0 < lambda ->
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  local_min_aux th a b W <-> (forall k, a k = 0) /\ (forall q, L th <= risk q).
Proof.
move=> l0 cv df; split => [h|[a0 opt]]; last by apply: local_from_optimal => //; lra.
by have [a0 [_ [hq _]]] := elimination m_pos l0 cv df h.
Qed.

(** the same through the grouped gradients *)
Corollary characterisation_grouped th a b W : 0 < lambda ->
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  local_min_aux th a b W <-> (forall k, a k = 0) /\ grouped_grad_zero th.
Proof.
move=> l0 cv df; rewrite characterisation //; split => -[a0 h]; split => //; exact/optimal_iff_grouped.
Qed.
End Fixed.

(** ** Local minima in the product topology *)

(** R^n with the topology of coordinatewise (uniform) balls *)
Definition vecU (n : nat) : UniformSpace := fct_UniformSpace 'I_n R_UniformSpace.

Section Product.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : UniformSpace)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Hypothesis m_pos : (0 < m)%N.
Hypothesis lambda_pos : 0 < lambda.
Local Notation risk := (risk x loss).
Local Notation L := (L x net loss).
Local Notation Lt := (Lt x net loss lambda).

(** the space of (theta, a, b, W) *)
Definition param : UniformSpace :=
  prod_UniformSpace Theta (prod_UniformSpace (vecU dy)
    (prod_UniformSpace (vecU dy) (fct_UniformSpace 'I_dy (vecU dx)))).

Definition mkparam (th : Theta) (a b : vec dy) (W : 'I_dy -> vec dx) : param :=
  ((th, (a, (b, W))) : Theta * (vec dy * (vec dy * ('I_dy -> vec dx)))).

Definition LtP (p : param) : R := Lt p.1 p.2.1 p.2.2.1 p.2.2.2.

Definition local_min (p : param) : Prop := locally p (fun p' => LtP p <= LtP p').

Lemma local_min_is_aux (p : param) : local_min p ->
  local_min_aux x net loss lambda p.1 p.2.1 p.2.2.1 p.2.2.2.
Proof.
case: p => th [a [b W]] /= [eps h]; exists eps; split; first exact: cond_pos.
move=> a' b' W' ha hb hW.
apply: (h (mkparam th a' b' W')); split => /=; first exact: ball_center.
split => [k|]; first exact: ha.
split => [k|k j]; first exact: hb.
exact: hW.
Qed.


(** Every local minimum of the augmented loss is a global minimum of it, its theta is a global minimum of
    the original loss (and optimal among ALL functions of the inputs), the added units are off, and the two
    losses agree; conversely all such points are local minima. *)
Theorem characterisation_product th a b W :
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  (local_min (mkparam th a b W) <-> (forall k, a k = 0) /\ (forall q, L th <= risk q)) /\
  (local_min (mkparam th a b W) ->
    (forall th' a' b' W', Lt th a b W <= Lt th' a' b' W') /\
    (forall th', L th <= L th') /\ Lt th a b W = L th).
Proof.
move=> cv df.
have F : local_min (mkparam th a b W) -> (forall k, a k = 0) /\ (forall q, L th <= risk q).
  move=> /local_min_is_aux /= hm.
  by have [a0 [_ [hq _]]] := elimination m_pos lambda_pos cv df hm.
have l0 := Rlt_le _ _ lambda_pos.
split; last first.
  move=> /F [a0 opt]; split; first exact: global_from_optimal.
  by split => [th'|]; [exact: opt|exact: Lt_a0].
split => // -[a0 opt]; exists (mkposreal 1 Rlt_0_1) => p _.
exact: (@global_from_optimal m dx dy x Theta net loss lambda th a b W l0 a0 opt).
Qed.

(** vacuity *)
Theorem vacuity : (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  (forall th, exists q, risk q < L th) -> forall p : param, ~ local_min p.
Proof.
move=> cv df none [th [a [b W]]] hm.
have [[F _] _] := characterisation_product th a b W cv df.
have [_ opt] := F hm.
by have [q hq] := none th; have := opt q; lra.
Qed.
End Product.
