use proptest::prelude::*;

use super::*;

/// What ten clicks move a score by at most.
const TEN: f64 = 0.2;

/// Numbers in 0..1 that look random.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(1);
        f64::from(u32::try_from(crate::num::spread(self.0) >> 32).unwrap()) / f64::from(u32::MAX)
    }
}

/// One question's word, kept apart from the labels that borrow it.
#[derive(Clone, Debug)]
struct Said {
    log_odds: f64,
    right: bool,
    guest: String,
}

fn said(log_odds: f64, right: bool, guest: impl Into<String>) -> Said {
    Said { log_odds, right, guest: guest.into() }
}

/// Questions of different guests on a desk where log-odds mean what this line says.
fn desk(count: usize, truth: Calibration, seed: u64) -> Vec<Said> {
    let mut chance = Chance(seed << 32);
    let one = |n: usize| {
        let log_odds = 8.0 * chance.next() - 4.0;
        let p = 1.0 / (1.0 + (-truth.shifted(log_odds)).exp());
        said(log_odds, chance.next() < p, format!("honest {seed} {n}"))
    };
    (0..count).map(one).collect()
}

/// Clicks of so many guests, all of them wrong.
fn hostile(count: usize, guests: usize) -> Vec<Said> {
    (0..count).map(|n| said(4.0, false, format!("hostile {}", n % guests))).collect()
}

/// A fit to all, of which the first `seen` are not new.
fn fitted(said: &[Said], seen: usize, before: Calibration) -> Fit {
    let mut labels = Vec::with_capacity(said.len());
    for (n, Said { log_odds, right, guest }) in said.iter().enumerate() {
        labels.push(Label { log_odds: *log_odds, right: *right, weight: 1.0, guest, new: n >= seen });
    }
    fit(&labels, before)
}

/// The furthest that any score moves.
fn moved(from: Calibration, to: Calibration) -> f64 {
    let at = |n: i32| f64::from(n) / 10.0;
    let move_at = |x: f64| (from.score(x, false) - to.score(x, false)).abs();
    (-200..=200).map(at).map(move_at).fold(0.0, f64::max)
}

/// Words that come twenty at a time, each twenty followed by a fit.
fn over_time(all: &mut Vec<Said>, more: &[Said], mut at: Calibration) -> Calibration {
    for twenty in more.chunks(20) {
        let seen = all.len();
        all.extend_from_slice(twenty);
        at = fitted(all, seen, at).calibration;
    }
    at
}

fn calibrations() -> impl Strategy<Value = Calibration> {
    (-1.0..6.0, -6.0..6.0).prop_map(|(slope, offset)| Calibration::new(slope, offset))
}

fn words() -> impl Strategy<Value = Vec<Said>> {
    let one =
        (-30.0..30.0, any::<bool>(), 0..60).prop_map(|(x, right, guest)| said(x, right, format!("guest {guest}")));
    prop::collection::vec(one, 0..150)
}

proptest! {
    #[test]
    fn a_score_is_a_chance_and_greater_log_odds_never_score_less(
        calibration in calibrations(), a in -1e3..1e3, b in -1e3..1e3,
    ) {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        for exact in [false, true] {
            let (low, high) = (calibration.score(low, exact), calibration.score(high, exact));
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high) && low <= high);
        }
        prop_assert!(calibration.score(a, true) >= 0.98 && calibration.score(b, false) <= 0.98);
    }

    #[test]
    fn ten_words_move_no_score_far_whatever_was_said_before(
        before in words(), at in calibrations(), more in words(),
    ) {
        let (mut all, seen) = (before.clone(), before.len());
        all.extend(more.into_iter().take(10));
        let fit = fitted(&all, seen, at);
        prop_assert!(moved(at, fit.calibration) <= TEN);
        // Ten of one guest count for three.
        all.iter_mut().skip(seen).for_each(|said| said.guest = "one".to_owned());
        let fit = fitted(&all, seen, at);
        prop_assert!(moved(at, fit.calibration) <= 0.06);
    }

    #[test]
    fn a_calibration_stays_within_its_bounds(said in words(), at in calibrations()) {
        let Calibration { slope, offset } = fitted(&said, 0, at).calibration;
        prop_assert!((SLOPES.0..=SLOPES.1).contains(&slope) && (OFFSETS.0..=OFFSETS.1).contains(&offset));
    }
}

#[test]
fn numbers_that_are_none_are_the_model_as_it_is() {
    assert_eq!(Calibration::new(f64::NAN, 1.0), Calibration::default());
    assert_eq!(Calibration::new(1.0, f64::NAN), Calibration::default());
    assert_eq!(Calibration::new(f64::INFINITY, f64::NEG_INFINITY), Calibration { slope: 4.0, offset: -4.0 });
}

#[test]
fn what_is_far_from_the_prior_is_found_and_what_is_not_is_left() {
    let hopeful = Calibration::new(0.6, -1.5);
    let fit = fitted(&desk(400, hopeful, 1), 0, Calibration::default());
    assert_eq!(fit.verdict, Verdict::Better);
    assert!(moved(fit.calibration, hopeful) < 0.1, "{fit:?}");
    // 400 labels that say what the model says: whatever the verdict, scores stay.
    for seed in 0..20 {
        let fit = fitted(&desk(400, Calibration::default(), seed), 0, Calibration::default());
        assert!(moved(fit.calibration, Calibration::default()) < 0.13, "{seed}: {fit:?}");
    }
}

#[test]
fn few_labels_change_nothing_and_one_guest_is_few() {
    for said in [hostile(9, 9), hostile(1_000, 3)] {
        let fit = fitted(&said, 0, Calibration::default());
        assert_eq!((fit.calibration, fit.verdict), (Calibration::default(), Verdict::TooFew));
        assert!((fit.weight - 9.0).abs() < 1e-9);
    }
    // Without new labels nothing moves, and with them a calibration goes back once its labels are gone.
    let at = Calibration::new(0.5, -1.0);
    assert_eq!(fitted(&hostile(9, 9), 9, at).calibration, at);
    let back = fitted(&hostile(9, 9), 0, at).calibration;
    assert!(back.distance(Calibration::default()) < at.distance(Calibration::default()));
}

#[test]
fn a_desk_with_hostile_feedback_recovers() {
    let truth = Calibration::default();
    for seed in 0..4 {
        // At the beginning, and after two hundred honest ones.
        for honest in [0, 200] {
            let mut all = Vec::new();
            let before = over_time(&mut all, &desk(honest, truth, seed), truth);
            let bad = over_time(&mut all, &hostile(20, 20), before);
            assert!(moved(before, bad) <= 2.0 * TEN, "{seed}: {bad:?}");
            let good = over_time(&mut all, &desk(400, truth, seed + 50), bad);
            assert!(moved(good, truth) < 0.25, "{seed}, {honest}: {good:?} after {bad:?}");
            let better = over_time(&mut all, &desk(800, truth, seed + 90), good);
            assert!(moved(better, truth) < 0.12, "{seed}, {honest}: {better:?} after {good:?}");
        }
        // Twenty of one guest do next to nothing to begin with.
        let mut all = Vec::new();
        let before = over_time(&mut all, &desk(200, truth, seed), truth);
        let bad = over_time(&mut all, &hostile(20, 1), before);
        assert!(moved(before, bad) < 0.12, "{seed}: {before:?} {bad:?}");
    }
}

#[test]
fn bands_tell_how_true_scores_are() {
    let label = |log_odds: f64, right: bool, weight: f64| Label { log_odds, right, weight, guest: "g", new: true };
    let labels = [label(0.0, true, 1.0), label(0.01, false, 0.5), label(0.02, false, 0.5), label(-9.0, false, 1.0)];
    let bands = reliability(&labels, Calibration::default());
    let of = |band: &Band| (band.from, band.to, band.labels, band.right);
    assert_eq!(bands.iter().map(of).collect::<Vec<_>>(), [(0.0, 0.1, 1, 0.0), (0.4, 0.5, 3, 0.5)]);
    assert!((bands[1].score - 0.49).abs() < 0.01);
    let wanted = (3.0 * (bands[1].score - 0.5).abs() + bands[0].score) / 4.0;
    assert!((error(&labels, Calibration::default()) - wanted).abs() < 1e-12);
    assert!(error(&labels, Calibration::new(1.0, 3.0)) > 0.3);
    assert!(error(&[], Calibration::default()).abs() < 1e-12);
}
