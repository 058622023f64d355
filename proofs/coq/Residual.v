(** residual: a residual network f = W (x + V z(x, u)) with dx >= dy and convex differentiable losses.  At every
    local minimum in (W, V), u held fixed, L is not larger than for any predictor A x + B z(x, u); in particular
    not larger than for any linear predictor.  Nothing is assumed of z. *)
From Coq Require Import Reals Lra FunctionalExtensionality List.
From mathcomp Require Import ssreflect ssrfun ssrbool eqtype ssrnat seq fintype bigop.
From Coquelicot Require Import Coquelicot.
From PGB Require Import Sums Calculus.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Local Open Scope R_scope.

Lemma underdetermined n (rs : list (vec n)) (js : seq 'I_n) : uniq js -> (length rs < size js)%N ->
  exists p : vec n, (forall j, j \notin js -> p j = 0) /\ (exists j, p j <> 0) /\
    forall r, In r rs -> dot r p = 0.
Proof.
move: {2}(length rs) (erefl (length rs)) => N.
elim: N rs js => [|N IH] rs js.
  case: rs => // _; case: js => // j js _ _.
  exists (fun i => if i == j then 1 else 0); split.
    by move=> i; rewrite inE negb_or => /andP [/negbTE ->].
  by split => //; exists j; rewrite eqxx; lra.
case: rs => // r rs [lrs] ujs /= sz.
case: (pickP (fun j => (j \in js) && (r j != 0))) => [j0 /andP [j0js /eqP rj0]|none]; last first.
  have [|p [p1 [p2 p3]]] := IH rs js lrs ujs; first by apply: ltn_trans sz.
  exists p; split => //; split => // r' [<-|]; last exact: p3.
  apply: rsum_0 => j _; case jn : (j \in js); last by rewrite p1 ?jn //; ring.
  by have := none j; rewrite jn /= => /negbFE /eqP ->; ring.
pose f (r' : vec n) : vec n := fun i => r' i - (r' j0 / r j0) * r i.
have [| | |p' [p1 [[j pj] p3]]] := IH (List.map f rs) (rem j0 js).
- by rewrite List.map_length.
- exact: rem_uniq.
- rewrite List.map_length size_rem //.
  by move: sz; case: (size js) => //= s; rewrite ltnS.
have j0out : p' j0 = 0 by apply: p1; rewrite mem_rem_uniq // inE eqxx.
exists (fun i => p' i + (if i == j0 then - (dot r p' / r j0) else 0)); split.
  move=> i ni; have ne : i == j0 = false by apply/eqP => e; move: ni; rewrite e j0js.
  rewrite ne p1 ?Rplus_0_r //; apply/negP => hi; move/negP: ni; apply; exact: mem_rem hi.
split.
  exists j; have -> : j == j0 = false by apply/eqP => e; apply: pj; rewrite e.
  by rewrite Rplus_0_r.
move=> r' [<-|hr']; rewrite dot_upd; first by field.
have := p3 (f r') (in_map f _ _ hr'); rewrite /f dot_comb => E.
have -> : dot r' p' = r' j0 / r j0 * dot r p' by lra.
by field.
Qed.

(** if dy <= dx and the rows of W (dy x dx) are dependent, W has a nonzero kernel vector *)
Lemma kernel_of_dependent_rows dx dy (W : 'I_dy -> vec dx) (c : vec dy) (k0 : 'I_dy) :
  (dy <= dx)%N -> c k0 <> 0 -> (forall j, \rsum_(k < dy) (W k j * c k) = 0) ->
  exists p : vec dx, (exists j, p j <> 0) /\ forall k, dot (W k) p = 0.
Proof.
move=> le ck0 dep.
pose rows := List.map W (rem k0 (enum 'I_dy)).
have sz : (length rows < size (enum 'I_dx))%N.
  rewrite /rows List.map_length size_enum_ord.
  have -> : length (rem k0 (enum 'I_dy)) = dy.-1.
    by have := size_rem (s := enum 'I_dy) (x := k0); rewrite mem_enum size_enum_ord => /(_ isT).
  apply: leq_trans le; rewrite prednK //; exact: leq_ltn_trans (leq0n _) (ltn_ord k0).
have [p [_ [pn hp]]] := underdetermined (enum_uniq _) sz.
exists p; split => //.
have other k : k != k0 -> dot (W k) p = 0.
  move=> ne; apply: hp; apply: in_map.
  have : k \in rem k0 (enum 'I_dy) by rewrite (mem_rem_uniq k0 (enum_uniq 'I_dy)) !inE ne /= -/(k \in enum 'I_dy) mem_enum.
  elim: (rem k0 (enum 'I_dy)) => //= k1 s IH; rewrite inE => /orP [/eqP ->|/IH]; by [left|right].
move=> k; case: (k =P k0) => [->|/eqP]; last exact: other.
have Z : \rsum_(j < dx) ((\rsum_(k < dy) (W k j * c k)) * p j) = 0.
  by apply: rsum_0 => j _; rewrite dep; ring.
have E : \rsum_(j < dx) ((\rsum_(k < dy) (W k j * c k)) * p j) = \rsum_(k < dy) (c k * dot (W k) p).
  transitivity (\rsum_(j < dx) (\rsum_(k < dy) (c k * (W k j * p j)))).
    by apply: eq_bigr => j _; rewrite -rsum_scal_r; apply: eq_bigr => k1 _; ring.
  by rewrite exchange_big /=; apply: eq_bigr => k1 _; rewrite rsum_scal_l.
rewrite E (@rsum_single _ _ k0) in Z.
  by case: (Rmult_integral _ _ Z).
by move=> i ni; rewrite other //; ring.
Qed.

(** ** The theorem *)
Section Residual.
Variables (m dx dy dz : nat) (x : 'I_m -> vec dx) (z : 'I_m -> vec dz) (* z i = z(x_i, u), u fixed *)
  (loss : 'I_m -> vec dy -> R).
Hypothesis m_pos : (0 < m)%N.

Definition hid (V : 'I_dx -> vec dz) (i : 'I_m) : vec dx := fun j => x i j + dot (V j) (z i).
Definition out (W : 'I_dy -> vec dx) (V : 'I_dx -> vec dz) (i : 'I_m) : vec dy :=
  fun k => dot (W k) (hid V i).
Definition Lres W V := / INR m * (\rsum_(i < m) loss i (out W V i)).

(** best predictors A x + B z *)
Definition Lin (A : 'I_dy -> vec dx) (B : 'I_dy -> vec dz) :=
  / INR m * (\rsum_(i < m) loss i (fun k => dot (A k) (x i) + dot (B k) (z i))).

Definition local_min_res W V := exists r, 0 < r /\ forall W' V',
  (forall k j, Rabs (W' k j - W k j) < r) -> (forall j l, Rabs (V' j l - V j l) < r) ->
  Lres W V <= Lres W' V'.

Let im : 0 < / INR m.
Proof. by apply: Rinv_0_lt_compat; apply: lt_0_INR; apply/ltP. Qed.

Let ad p q (A : 'I_p -> vec q) k j (t : R) : 'I_p -> vec q :=
  fun k' j' => A k' j' + (if (k' == k) && (j' == j) then t else 0).

Let ad_near p q (A : 'I_p -> vec q) k j t r : 0 < r -> Rabs t < r ->
  forall k' j', Rabs (ad A k j t k' j' - A k' j') < r.
Proof.
move=> r0 ht k' j'; rewrite /ad.
have -> : A k' j' + (if (k' == k) && (j' == j) then t else 0) - A k' j' =
   if (k' == k) && (j' == j) then t else 0 by ring.
by case: andb => //; rewrite Rabs_R0.
Qed.

Let ad_dot p q (A : 'I_p -> vec q) k j t k' (v : vec q) :
  dot (ad A k j t k') v = dot (A k') v + t * (if k' == k then v j else 0).
Proof.
rewrite /ad; case: (k' == k) => /=.
  have := dot_upd v (A k') j t.
  have C (u : vec q) : dot u v = dot v u by apply: eq_bigr => i _; ring.
  by rewrite !C => ->; ring.
rewrite Rmult_0_r Rplus_0_r; apply: eq_bigr => i _; by rewrite Rplus_0_r.
Qed.

(** stationarity along an affine direction of the outputs *)
Let affine_stat (p : 'I_m -> vec dy) (e g : 'I_m -> vec dy) r : 0 < r ->
  (forall i, is_dgrad (loss i) (p i) (g i)) ->
  (forall t, Rabs t < r -> \rsum_(i < m) loss i (p i) <= \rsum_(i < m) loss i (fun k => p i k + t * e i k)) ->
  \rsum_(i < m) (\rsum_(k < dy) (g i k * e i k)) = 0.
Proof.
move=> r0 hg h.
have D : is_derive (fun t => \rsum_(i < m) loss i (fun k => p i k + t * e i k)) 0
  (\rsum_(i < m) (\rsum_(k < dy) (g i k * e i k))) by apply: is_derive_rsum => i _; exact: hg.
apply: (fermat r0 _ D) => t ht.
have -> : \rsum_(i < m) loss i (fun k => p i k + 0 * e i k) = \rsum_(i < m) loss i (p i).
  apply: eq_bigr => i _; congr (loss i _); apply: functional_extensionality => k; ring.
exact: h.
Qed.

Let unscale (u v : R) : / INR m * u <= / INR m * v -> u <= v.
Proof. by move=> h; apply: (Rmult_le_reg_l (/ INR m)). Qed.

Lemma W_stat W V g r : 0 < r -> (forall i, is_dgrad (loss i) (out W V i) (g i)) ->
  (forall W', (forall k j, Rabs (W' k j - W k j) < r) -> Lres W V <= Lres W' V) ->
  forall k j, \rsum_(i < m) (g i k * hid V i j) = 0.
Proof.
move=> r0 hg h k j.
have := affine_stat (e := fun i k' => if k' == k then hid V i j else 0) r0 hg.
have -> : \rsum_(i < m) (\rsum_(k' < dy) (g i k' * (if k' == k then hid V i j else 0))) =
  \rsum_(i < m) (g i k * hid V i j).
  apply: eq_bigr => i _; rewrite (@rsum_single _ _ k) ?eqxx // => k' /negbTE ->; ring.
apply => t ht; apply: unscale.
have := h (ad W k j t) (ad_near W k j r0 ht); rewrite /Lres.
suff -> : \rsum_(i < m) loss i (out (ad W k j t) V i) = \rsum_(i < m) loss i
   (fun k' => out W V i k' + t * (if k' == k then hid V i j else 0)) by [].
apply: eq_bigr => i _; congr (loss i _); apply: functional_extensionality => k'.
by rewrite /out ad_dot.
Qed.

Lemma V_stat W V g r : 0 < r -> (forall i, is_dgrad (loss i) (out W V i) (g i)) ->
  (forall V', (forall j l, Rabs (V' j l - V j l) < r) -> Lres W V <= Lres W V') ->
  forall j l, \rsum_(k < dy) (W k j * \rsum_(i < m) (g i k * z i l)) = 0.
Proof.
move=> r0 hg h j l.
have := affine_stat (e := fun i k => W k j * z i l) r0 hg.
have -> : \rsum_(i < m) (\rsum_(k < dy) (g i k * (W k j * z i l))) =
  \rsum_(k < dy) (W k j * \rsum_(i < m) (g i k * z i l)).
  rewrite exchange_big /=; apply: eq_bigr => k _; rewrite -rsum_scal_l; apply: eq_bigr => i _; ring.
apply => t ht; apply: unscale.
have := h (ad V j l t) (ad_near V j l r0 ht); rewrite /Lres.
suff -> : \rsum_(i < m) loss i (out W (ad V j l t) i) = \rsum_(i < m) loss i
   (fun k => out W V i k + t * (W k j * z i l)) by [].
apply: eq_bigr => i _; congr (loss i _); apply: functional_extensionality => k.
rewrite /out.
have -> : hid (ad V j l t) i = fun j' => hid V i j' + (if j' == j then t * z i l else 0).
  by apply: functional_extensionality => j'; rewrite /hid ad_dot; case: (j' == j); ring.
by rewrite dot_upd; ring.
Qed.

Theorem residual W V : (dy <= dx)%N ->
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  local_min_res W V -> forall A B, Lres W V <= Lin A B.
Proof.
move=> le cv df [r [r0 h]] A B.
have same u : Rabs (u - u) < r by rewrite Rminus_eq_0 Rabs_R0.
have [g hg] := fin_all_exists (fun i => df i (out W V i)).
pose M k l := \rsum_(i < m) (g i k * z i l).
have wst := W_stat r0 hg (fun W' hW => h W' V hW (fun _ _ => same _)).
have vst := V_stat r0 hg (fun V' hV => h W V' (fun _ _ => same _) hV).
have M0 k l : M k l = 0.
  case: (Req_dec (M k l) 0) => // Mn; exfalso.
  have [p [[j pj] hp]] := kernel_of_dependent_rows (c := fun k => M k l) le Mn (fun j => vst j l).
  pose P := \rsum_(j < dx) Rabs (p j).
  have P0 : 0 <= P by apply: rsum_ge0 => i _; exact: Rabs_pos.
  pose eps := r / 2 / (1 + P).
  have e0 : 0 < eps by apply: Rdiv_lt_0_compat; lra.
  have eP i : Rabs (eps * p i) < r / 2.
    rewrite Rabs_mult (Rabs_right eps); last by lra.
    have pP : Rabs (p i) <= P.
      rewrite /P (rsum_D1 _ i).
      have : 0 <= \rsum_(i0 < dx | i0 != i) Rabs (p i0) by apply: rsum_ge0 => i0 _; exact: Rabs_pos.
      by lra.
    have : eps * Rabs (p i) < eps * (1 + P) by apply: Rmult_lt_compat_l; lra.
    by have -> : eps * (1 + P) = r / 2 by [rewrite /eps; field; lra].
  pose V' : 'I_dx -> vec dz := fun j l' => V j l' + (if l' == l then eps * p j else 0).
  have hV' i l' : Rabs (V' i l' - V i l') < r / 2.
    rewrite /V'; have -> : V i l' + (if l' == l then eps * p i else 0) - V i l' =
      if l' == l then eps * p i else 0 by ring.
    by case: eqP => _; [exact: eP|rewrite Rabs_R0; lra].
  have hidE i j' : hid V' i j' = hid V i j' + eps * p j' * z i l.
    rewrite /hid; have := dot_upd (z i) (V j') l (eps * p j').
    have C (u : vec dz) : dot u (z i) = dot (z i) u by apply: eq_bigr => i1 _; ring.
    by rewrite /V' !C => ->; ring.
  have outE i : out W V' i = out W V i.
    apply: functional_extensionality => k'; rewrite /out.
    have -> : hid V' i = fun j' => hid V i j' + eps * p j' * z i l.
      by apply: functional_extensionality => j'.
    transitivity (dot (W k') (hid V i) + eps * z i l * dot (W k') p).
      by rewrite /dot -rsum_scal_l -rsum_plus; apply: eq_bigr => j' _; ring.
    by rewrite hp; ring.
  have hg' i : is_dgrad (loss i) (out W V' i) (g i) by rewrite outE.
  have r20 : 0 < r / 2 by lra.
  have wst' := W_stat r20 hg' (V := V').
  have E : \rsum_(i < m) (g i k * hid V' i j) = 0.
    apply: wst' => W' hW.
    have -> : Lres W V' = Lres W V by rewrite /Lres; congr (_ * _); apply: eq_bigr => i _; rewrite outE.
    apply: h => [k' j'|j' l']; first by have := hW k' j'; lra.
    by have := hV' j' l'; lra.
  have E2 : \rsum_(i < m) (g i k * hid V' i j) = \rsum_(i < m) (g i k * hid V i j) + eps * p j * M k l.
    by rewrite /M -rsum_scal_l -rsum_plus; apply: eq_bigr => i _; rewrite hidE; ring.
  rewrite E wst in E2.
  have {}E2 : eps * p j * M k l = 0 by lra.
  case: (Rmult_integral _ _ E2) => // E3.
  by case: (Rmult_integral _ _ E3) => //; lra.
have X0 k j : \rsum_(i < m) (g i k * x i j) = 0.
  have E : \rsum_(i < m) (g i k * hid V i j) =
     \rsum_(i < m) (g i k * x i j) + \rsum_(l < dz) (V j l * M k l).
    have -> : \rsum_(l < dz) (V j l * M k l) = \rsum_(i < m) (g i k * dot (V j) (z i)).
      transitivity (\rsum_(l < dz) (\rsum_(i < m) (g i k * (V j l * z i l)))).
        by apply: eq_bigr => l _; rewrite /M -rsum_scal_l; apply: eq_bigr => i _; ring.
      by rewrite exchange_big /=; apply: eq_bigr => i _; rewrite rsum_scal_l.
    by rewrite -rsum_plus; apply: eq_bigr => i _; rewrite /hid; ring.
  rewrite wst (rsum_0 (F := fun l => V j l * M k l)) in E; first by lra.
  by move=> l _; rewrite M0; ring.
have lin0 q (N : 'I_dy -> vec q) (y : 'I_m -> vec q) k :
    (forall j, \rsum_(i < m) (g i k * y i j) = 0) -> \rsum_(i < m) (g i k * dot (N k) (y i)) = 0.
  move=> y0; transitivity (\rsum_(j < q) (N k j * \rsum_(i < m) (g i k * y i j))).
    transitivity (\rsum_(i < m) (\rsum_(j < q) (N k j * (g i k * y i j)))).
      by apply: eq_bigr => i _; rewrite /dot -rsum_scal_l; apply: eq_bigr => j _; ring.
    by rewrite exchange_big /=; apply: eq_bigr => j _; rewrite rsum_scal_l.
  by apply: rsum_0 => j _; rewrite y0; ring.
have Z : \rsum_(i < m) (\rsum_(k < dy) (g i k * (dot (A k) (x i) + dot (B k) (z i) - out W V i k))) = 0.
  rewrite exchange_big /=; apply: rsum_0 => k _.
  transitivity (\rsum_(i < m) (g i k * dot (A k) (x i)) + \rsum_(i < m) (g i k * dot (B k) (z i))
     - \rsum_(i < m) (g i k * dot (W k) (hid V i))).
    by rewrite -rsum_plus -rsum_minus; apply: eq_bigr => i _; rewrite /out; ring.
  rewrite (lin0 _ A) // (lin0 _ B); last by move=> l; exact: M0.
  by rewrite (lin0 _ W) //; ring.
rewrite /Lres /Lin; apply: Rmult_le_compat_l; first by lra.
have E : \rsum_(i < m) loss i (out W V i) = \rsum_(i < m) (loss i (out W V i) +
   \rsum_(k < dy) (g i k * (dot (A k) (x i) + dot (B k) (z i) - out W V i k))).
  by rewrite rsum_plus Z Rplus_0_r.
rewrite E; apply: rsum_le => i _.
exact: (convex_first_order (cv i) (hg i) (fun k => dot (A k) (x i) + dot (B k) (z i))).
Qed.

(** in particular no worse than the best linear predictor *)
Corollary residual_linear W V : (dy <= dx)%N ->
  (forall i, convex (loss i)) -> (forall i, gdifferentiable (loss i)) ->
  local_min_res W V -> forall A : 'I_dy -> vec dx,
  Lres W V <= / INR m * (\rsum_(i < m) loss i (fun k => dot (A k) (x i))).
Proof.
move=> le cv df hm A; have := residual le cv df hm A (fun _ _ => 0); rewrite /Lin.
suff -> : \rsum_(i < m) loss i (fun k => dot (A k) (x i) + dot (fun=> 0) (z i)) =
  \rsum_(i < m) loss i (fun k => dot (A k) (x i)) by [].
apply: eq_bigr => i _; congr (loss i _); apply: functional_extensionality => k.
by rewrite /dot [X in _ + X]rsum_0 ?Rplus_0_r // => l _; ring.
Qed.
End Residual.
