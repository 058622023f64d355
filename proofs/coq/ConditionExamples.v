(** The PGB condition at work on two one-sample problems.  zero_gap_not_sufficient: at phi = z^2, y = 1, z = 0 the
    gap is zero although z is a local maximum.  perturbation_opens_gap: for two linear layers at the origin the gap
    is zero with S = {0} alone and positive once a perturbation is added. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Losses Condition.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Definition one1 : vec 1 := fun=> 1.
Definition sq1 (i : 'I_1) : vec 1 -> R := sqloss one1.     (* y = 1, squared loss *)
Definition w1 : vec 1 := fun=> 1.                          (* no rho *)

(** phi(z) = z^2, y = 1, z = 0: the gap is 0 for every eps (V = {0} for eps > 0), yet z = 0 is a
    strict local MAXIMUM of Q(z) = (z^2 - 1)^2 *)
Definition phi_sq (i : 'I_1) (u : vec 1) : vec 1 := fun=> u ord0 * u ord0.

Theorem zero_gap_not_sufficient (eps : R) : 0 < eps ->
  (forall s (S alpha : 'I_s -> vec 1), (forall j, Vdir phi_sq (fun=> 0) eps (S j)) ->
     obj phi_sq sq1 (fun=> 0) <= induced phi_sq sq1 w1 (fun=> 0) eps S alpha) /\
  (forall u : vec 1, 0 < Rabs (u ord0) < 1 -> obj phi_sq sq1 u < obj phi_sq sq1 (fun=> 0)).
Proof.
move=> e0.
have O u : obj phi_sq sq1 u = (u ord0 * u ord0 - 1) * (u ord0 * u ord0 - 1).
  by rewrite /obj /sq1 /sqloss /phi_sq /one1 !rsum1 /=; field.
split; last first.
  move=> u [u0 u1]; rewrite !O.
  have a2 : u ord0 * u ord0 = Rabs (u ord0) * Rabs (u ord0).
    by rewrite -Rabs_mult Rabs_right //; apply: Rle_ge; exact: Rle_0_sqr.
  rewrite a2; set a := Rabs _ in u0 u1 *.
  have p : 0 < a * a by exact: Rmult_lt_0_compat.
  have q : a * a < 1 by nra.
  have : 0 < a * a * (2 - a * a) by apply: Rmult_lt_0_compat; lra.
  by lra.
move=> s S alpha hS; rewrite O.
have S0 j : S j ord0 = 0.
  have [_ h] := hS j; have := h ord0 ord0; rewrite /phi_sq /perturb Rplus_0_l Rmult_0_l => E.
  have {}E : eps * S j ord0 = 0 by case: (Rmult_integral _ _ E).
  by case: (Rmult_integral _ _ E) => //; lra.
have M i : model phi_sq w1 (fun=> 0) eps S alpha i = fun=> 0.
  apply: functional_extensionality => c; rewrite /model /w1 Rminus_eq_0 Rmult_0_l Rplus_0_l.
  apply: rsum_0 => j _; apply: rsum_0 => k _.
  suff -> : pd (fun u => phi_sq i u c) (perturb (fun=> 0) eps (S j)) k = 0 by ring.
  apply: is_derive_unique; rewrite /phi_sq /shift /perturb (ord1 k) S0 /=.
  by auto_derive => //; ring.
rewrite /induced (eq_bigr (fun i => sq1 i (fun=> 0))) => [|i _]; last by rewrite M.
by rewrite rsum1 /sq1 /sqloss /one1 rsum1 /=; lra.
Qed.

(** f = z_1 z_0 (two linear layers, x = 1), y = 1, z = (0,0): the gap is 0 with S = {0} alone, and
    positive once S holds v = (1,0), for every eps > 0 *)
Definition phi_lin2 (i : 'I_1) (u : vec 2) : vec 1 := fun=> u ord0 * u (lift ord0 ord0).

Theorem perturbation_opens_gap (eps : R) : 0 < eps ->
  let z : vec 2 := fun=> 0 in
  let v : vec 2 := fun k => if k == ord0 then 1 else 0 in
  (forall alpha : 'I_1 -> vec 2,
     obj phi_lin2 sq1 z <= induced phi_lin2 sq1 w1 z eps (fun _ : 'I_1 => fun=> 0) alpha) /\
  Vdir phi_lin2 z eps v /\
  exists alpha : 'I_1 -> vec 2,
     induced phi_lin2 sq1 w1 z eps (fun _ : 'I_1 => v) alpha = 0 /\ obj phi_lin2 sq1 z = 1.
Proof.
move=> e0 z v.
have O : obj phi_lin2 sq1 z = 1.
  by rewrite /obj /sq1 /sqloss /phi_lin2 /one1 /z !rsum1 /=; field.
have PD i c (u : vec 2) k : pd (fun p => phi_lin2 i p c) u k =
    if k == ord0 then u (lift ord0 ord0) else u ord0.
  apply: is_derive_unique; rewrite /phi_lin2 /shift.
  case: k => [[|[|//]] hk].
    have -> : Ordinal hk = ord0 by exact: val_inj.
    by rewrite /=; auto_derive => //; ring.
  have -> : Ordinal hk = lift ord0 ord0 by exact: val_inj.
  by rewrite /=; auto_derive => //; ring.
split.
  move=> alpha; rewrite O /induced /sq1 /sqloss rsum1 rsum1 /model /w1 rsum1 !big_ord_recl big_ord0.
  rewrite !PD /perturb /z /one1 /=.
  set X := _ - 1; have -> : X = -1 by rewrite /X; ring.
  by lra.
split.
  split => [k|i c]; first by rewrite /v; case: eqP => _; rewrite ?Rabs_R1 ?Rabs_R0; lra.
  by rewrite /phi_lin2 /perturb /z /v /=; ring.
exists (fun _ k => if k == ord0 then 0 else / eps); split => //.
rewrite /induced /sq1 /sqloss rsum1 rsum1 /model /w1 rsum1 !big_ord_recl big_ord0.
rewrite !PD /perturb /z /one1 /v /=.
by field; lra.
Qed.
