(** flow_identity: along the gradient flow of Lt in (a_k, b_k), theta and W moving in any way,
    d/dt (b_k - a_k^2 / 2) = 2 lambda a_k^2.  flow_monotone: so b_k - a_k^2 / 2 never decreases. *)
From Coq Require Import Reals Lra FunctionalExtensionality.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus Objective Vanishing.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Section Flow.
Variables (m dx dy : nat) (x : 'I_m -> vec dx) (Theta : Type)
  (net : Theta -> vec dx -> vec dy) (loss : 'I_m -> vec dy -> R) (lambda : R).
Local Notation Lt := (Lt x net loss lambda).

(** any curve; theta(t) and W(t) are arbitrary (they may move, not move, or jump) *)
Variables (th : R -> Theta) (a b : R -> vec dy) (W : R -> 'I_dy -> vec dx) (k : 'I_dy).

(** the k-th component of the flow equation in (a,b) holds at time t *)
Definition flow_at (t : R) : Prop := exists da db : R,
  is_derive (fun s => Lt (th t) (upd (a t) k s) (b t) (W t)) (a t k) da /\
  is_derive (fun s => Lt (th t) (a t) (upd (b t) k s) (W t)) (b t k) db /\
  is_derive (fun s => a s k) t (- da) /\ is_derive (fun s => b s k) t (- db).

Hypothesis loss_diff : forall i, gdifferentiable (loss i).

Theorem flow_identity t : flow_at t ->
  is_derive (fun s => b s k - a s k * a s k / 2) t (2 * lambda * (a t k * a t k)).
Proof.
move=> [da [db [hda [hdb [ha hb]]]]].
have [g hg] : exists g, forall i, is_dgrad (loss i) (aug net (th t) (a t) (b t) (W t) (x i)) (g i).
  exact: (fin_all_exists (fun i => loss_diff i (aug net (th t) (a t) (b t) (W t) (x i)))).
have I := vanishing_identity hg hda hdb.
have q : is_derive (fun u => u * u / 2) (a t k) (a t k) by auto_derive => //; field.
have c := is_derive_comp _ _ _ _ _ q ha.
have D := is_derive_minus _ _ _ _ _ hb c.
have E : minus (- db) (scal (- da) (a t k)) = 2 * lambda * (a t k * a t k).
  rewrite -I /minus /plus /opp /scal /= /mult /=; ring.
by rewrite -E.
Qed.

(** hence b_k - a_k^2/2 never decreases along the flow *)
Corollary flow_monotone t1 t2 : 0 <= lambda -> t1 <= t2 ->
  (forall t, t1 <= t <= t2 -> flow_at t) ->
  b t1 k - a t1 k * a t1 k / 2 <= b t2 k - a t2 k * a t2 k / 2.
Proof.
move=> l0 t12 fl.
pose F s := b s k - a s k * a s k / 2.
pose dF s := 2 * lambda * (a s k * a s k).
have hd u : Rmin t1 t2 <= u <= Rmax t1 t2 -> is_derive F u (dF u).
  by rewrite Rmin_left // Rmax_right // => hu; apply: flow_identity; exact: fl.
have [c [hc E]] : exists c, Rmin t1 t2 <= c <= Rmax t1 t2 /\ F t2 - F t1 = dF c * (t2 - t1).
  have := @MVT_gen F t1 t2 dF.
  case.
  - by move=> u hu; apply: hd; lra.
  - move=> u hu; apply: derivable_continuous_pt; exists (dF u); apply/is_derive_Reals; exact: hd.
  by move=> c [h1 h2]; exists c.
have : 0 <= dF c * (t2 - t1).
  apply: Rmult_le_pos; last by lra.
  by apply: Rmult_le_pos; [lra|exact: Rle_0_sqr].
by move: E; rewrite /F; lra.
Qed.
End Flow.
