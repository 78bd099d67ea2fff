use crate::synthetic::{self, grid};
use crate::{Analysis, Analyst, Direction, Grid, Margin, Moved, Story, stories};

const HISTORY: usize = 600;
const WINDOW: usize = 120;

fn base() -> Grid {
    grid(15, HISTORY + WINDOW)
}

/// A series around 100 that goes to `to` at a point of the window, for so many points.
fn moving(seed: u64, at: usize, to: f64, points: usize) -> Analysis {
    let grid = base();
    let mut values = synthetic::Shape::STEADY.values(&grid, seed);
    for value in values.iter_mut().skip(HISTORY + at).take(points) {
        *value += to - 100.0;
    }
    Analyst::new(&grid, HISTORY..HISTORY + WINDOW).analyse(&values, Margin::RELATIVE)
}

/// The episodes of series; each is told with its weight and which way is worse.
fn moved<'a>(series: &[(&'a Analysis, f64, Option<Direction>)]) -> Vec<Moved<'a>> {
    let all = series.iter().copied().enumerate();
    all.flat_map(|(number, (analysis, weight, worse))| {
        analysis.episodes.iter().map(move |episode| Moved {
            series: number,
            episode: *episode,
            scores: &analysis.scores,
            weight,
            worse,
        })
    })
    .collect()
}

fn series_of(story: &Story, moved: &[Moved<'_>]) -> Vec<usize> {
    story
        .members
        .iter()
        .map(|place| moved[*place].series)
        .collect()
}

#[test]
fn series_that_moved_at_one_moment_are_one_story() {
    let (one, other, later) = (
        moving(1, 20, 300.0, 100),
        moving(2, 21, 40.0, 100),
        moving(3, 90, 250.0, 30),
    );
    let moved = moved(&[(&one, 1.0, None), (&other, 1.0, None), (&later, 1.0, None)]);
    let found = stories(&base(), &moved);
    assert_eq!(found.len(), 2);
    assert_eq!(series_of(&found[0], &moved), [0, 1]);
    assert_eq!(found[0].onset, HISTORY + 20);
    assert_eq!(found[0].end, None);
    assert_eq!(series_of(&found[1], &moved), [2]);
}

#[test]
fn a_series_that_followed_and_moved_alike_is_in_the_story() {
    // Twelve steps later, too late for the same moment, but for the same time.
    let (first, follows) = (moving(4, 20, 300.0, 60), moving(5, 32, 220.0, 60));
    // As late, but over at once.
    let chance = moving(6, 34, 300.0, 4);
    let moved = moved(&[
        (&first, 1.0, None),
        (&follows, 1.0, None),
        (&chance, 1.0, None),
    ]);
    let found = stories(&base(), &moved);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(series_of(&found[0], &moved), [0, 1]);
    assert_eq!(found[0].end, Some(HISTORY + 92));
}

#[test]
fn the_first_of_the_telling_ones_leads() {
    let (small, cause, effect) = (
        moving(7, 20, 130.0, 80),
        moving(8, 21, 500.0, 80),
        moving(9, 24, 600.0, 80),
    );
    let moved = moved(&[
        (&small, 1.0, None),
        (&cause, 1.0, None),
        (&effect, 1.0, None),
    ]);
    let found = stories(&base(), &moved);
    assert_eq!(found.len(), 1);
    assert_eq!(series_of(&found[0], &moved), [0, 1, 2]);
    assert_eq!(moved[found[0].lead].series, 1);
}

#[test]
fn of_two_alike_the_one_for_the_worse_is_more_telling() {
    let analysis = moving(10, 20, 300.0, 100);
    let moved = moved(&[
        (&analysis, 1.0, Some(Direction::Down)),
        (&analysis, 1.0, Some(Direction::Up)),
    ]);
    assert_eq!(moved[stories(&base(), &moved)[0].loudest].series, 1);
}

#[test]
fn a_known_signal_is_more_telling_than_noise_that_moved_farther() {
    let (signal, noise) = (moving(11, 20, 200.0, 100), moving(12, 20, 900.0, 100));
    let moved = moved(&[(&signal, 2.0, Some(Direction::Up)), (&noise, 0.3, None)]);
    assert_eq!(moved[stories(&base(), &moved)[0].loudest].series, 0);
}

#[test]
fn a_small_step_of_a_constant_is_less_telling_than_a_great_one_of_a_lively_series() {
    let grid = base();
    let mut values = vec![100.0; grid.len()];
    values[HISTORY + 20..].fill(112.0);
    let mut analyst = Analyst::new(&grid, HISTORY..HISTORY + WINDOW);
    let constant = analyst.analyse(
        &values,
        Margin {
            relative: 0.01,
            absolute: 0.0,
        },
    );
    let lively = moving(13, 20, 400.0, 100);
    assert!(constant.episodes[0].score > lively.episodes[0].score / 3.0);
    let moved = moved(&[(&constant, 1.0, None), (&lively, 1.0, None)]);
    assert_eq!(moved[stories(&base(), &moved)[0].loudest].series, 1);
}

#[test]
fn what_has_happened_before_is_less_telling() {
    let analysis = moving(14, 20, 300.0, 100);
    let mut seen = analysis.clone();
    seen.episodes[0].before = 1;
    let moved = moved(&[(&seen, 1.0, None), (&analysis, 1.0, None)]);
    assert!(moved[0].score() < moved[1].score());
}

#[test]
fn without_episodes_there_is_no_story() {
    assert!(stories(&base(), &[]).is_empty());
}
