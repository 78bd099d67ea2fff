//! Facts about the pixels of a picture.

use storex_chart::{Band, Change, Chart, Incident, Theme};
use storex_series::Unit;

use crate::decoded::{Decoded, Rgb};
use crate::scenes::{at, grid, line};

const CARD: [Rgb; 2] = [[255, 255, 255], [0x16, 0x18, 0x1d]];
const FIRST_LINE: [Rgb; 2] = [[0, 0x68, 0xc3], [0x5a, 0xa9, 0xff]];

fn picture(chart: &Chart, theme: Theme) -> Decoded {
    Decoded::of(&chart.png(theme))
}

fn flat(value: f64) -> Vec<f64> {
    vec![value; grid().len()]
}

fn chart(values: Vec<f64>) -> Chart {
    Chart::new("t", grid(), vec![line("qps", Unit::Count, values)]).unwrap()
}

/// Columns of the picture that hold a point of the first line's colour within the plot.
fn inked(picture: &Decoded, theme: usize) -> Vec<usize> {
    let plot = 95..picture.height - 60;
    (70..880)
        .filter(|x| picture.count(*x..*x + 1, plot.clone(), FIRST_LINE[theme]) > 0)
        .collect()
}

#[test]
fn a_picture_is_as_wide_as_a_chat_and_small() {
    for theme in [Theme::Light, Theme::Dark] {
        for chart in [
            crate::scenes::one(),
            crate::scenes::panels(),
            crate::scenes::six(),
        ] {
            let png = chart.png(theme);
            let picture = Decoded::of(&png);
            assert_eq!(picture.width, 900);
            assert!(
                (400..=1_100).contains(&picture.height),
                "{} rows",
                picture.height
            );
            assert!(png.len() < 150_000, "{} bytes", png.len());
        }
    }
}

#[test]
fn the_card_is_opaque_and_of_its_theme() {
    for (number, theme) in [Theme::Light, Theme::Dark].into_iter().enumerate() {
        let picture = picture(&crate::scenes::one(), theme);
        for (x, y) in [
            (4, 4),
            (895, 4),
            (4, picture.height - 5),
            (895, picture.height - 5),
        ] {
            assert_eq!(picture.at(x, y), CARD[number]);
        }
    }
}

#[test]
fn a_gap_is_not_joined() {
    let whole = picture(&chart(flat(5.0)), Theme::Light);
    let columns = inked(&whole, 0);
    assert!(
        columns.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "an unbroken line"
    );
    let mut values = flat(5.0);
    for value in &mut values[60..120] {
        *value = f64::NAN;
    }
    let broken = inked(&picture(&chart(values), Theme::Light), 0);
    let widest = broken
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .max()
        .unwrap();
    let minute = columns.len() / grid().len();
    assert!(widest > 55 * minute, "a gap of {widest} pixels");
    assert_eq!((broken[0], broken.last()), (columns[0], columns.last()));
}

#[test]
fn a_gap_of_all_lines_is_hatched_and_a_gap_of_one_is_not() {
    const HATCH: Rgb = [0xa9, 0xb1, 0xbd];
    let mut values = flat(5.0);
    for value in &mut values[60..120] {
        *value = f64::NAN;
    }
    // Shades of the hatch's diagonals, which are drawn thin.
    let hatched = |picture: &Decoded| {
        (95..picture.height - 60)
            .flat_map(|y| (350..620).map(move |x| (x, y)))
            .filter(|(x, y)| {
                let [r, g, b] = picture.at(*x, *y);
                let like = |a: u8, b: u8| a.abs_diff(b) < 40;
                like(r, HATCH[0]) && like(g, HATCH[1]) && like(b, HATCH[2])
            })
            .count()
    };
    let alone = picture(&chart(values.clone()), Theme::Light);
    let pair = vec![
        line("a", Unit::Count, values),
        line("b", Unit::Count, flat(4.0)),
    ];
    let beside = picture(&Chart::new("t", grid(), pair).unwrap(), Theme::Light);
    assert!(hatched(&alone) > 2_000, "{}", hatched(&alone));
    assert!(
        hatched(&beside) < hatched(&alone) / 10,
        "{}",
        hatched(&beside)
    );
}

#[test]
fn the_incident_is_shaded_and_nothing_else_is() {
    let incident = Incident {
        from: at("13:00:00"),
        to: at("14:00:00"),
    };
    // The incident's colour at a fifth, over the card.
    for (theme, shade) in [
        (Theme::Light, [250, 237, 206]),
        (Theme::Dark, [0x42, 0x38, 0x23]),
    ] {
        let quiet = picture(&chart(flat(5.0)), theme);
        let shaded = picture(&chart(flat(5.0)).with_incident(incident), theme);
        let like = |picture: &Decoded, x: usize| {
            let rows = 100..picture.height - 80;
            let near = |rgb: Rgb| rgb.iter().zip(shade).all(|(a, b)| a.abs_diff(b) <= 3);
            rows.filter(|y| near(picture.at(x, *y))).count()
        };
        let columns: Vec<usize> = (60..880).filter(|x| like(&shaded, *x) > 150).collect();
        assert!((60..880).all(|x| like(&quiet, x) == 0));
        // A third of the axis, in the middle of it.
        assert!(
            (230..290).contains(&columns.len()),
            "{} columns",
            columns.len()
        );
        assert!((310..350).contains(&columns[0]), "from {}", columns[0]);
    }
}

#[test]
fn the_normal_range_is_where_its_figures_are() {
    let band = Band {
        lower: flat(4.0),
        upper: flat(6.0),
    };
    let with = line(
        "qps",
        Unit::Count,
        (0..grid().len())
            .map(|m| if m < 90 { 5.0 } else { 10.0 })
            .collect(),
    );
    let bare = picture(
        &Chart::new("t", grid(), vec![with.clone()]).unwrap(),
        Theme::Light,
    );
    let banded = picture(
        &Chart::new("t", grid(), vec![with.with_band(band)]).unwrap(),
        Theme::Light,
    );
    // In a column after the step: the range is seen where the line was, and the line above it.
    let x = 800;
    let line_at = |picture: &Decoded, x: usize| {
        (90..picture.height - 60)
            .find(|y| picture.at(x, *y) == FIRST_LINE[0])
            .unwrap()
    };
    let (before, after) = (line_at(&banded, 100), line_at(&banded, x));
    assert!(after < before);
    let tinted = |picture: &Decoded, y: usize| {
        let [r, g, b] = picture.at(x, y);
        b == 255 - 11 && r < 225 && g < 240 || (b > r && b > g && r < 225)
    };
    let rows: Vec<usize> = (90..370)
        .filter(|y| tinted(&banded, *y) && !tinted(&bare, *y))
        .collect();
    let middle = usize::midpoint(rows[0], rows[rows.len() - 1]);
    assert!(
        middle.abs_diff(before) <= 2,
        "range around {middle}, line at {before}"
    );
    assert!(rows[0] > after + 20, "the range ends below the line");
}

#[test]
fn a_change_is_marked_from_top_to_bottom_and_told() {
    let change = Change::new(at("13:30:00"), "deploy");
    let plain = picture(&chart(flat(5.0)), Theme::Light);
    let marked = picture(&chart(flat(5.0)).with_changes(vec![change]), Theme::Light);
    // The mark takes room above the plot and the key a row below it.
    assert!(marked.height > plain.height);
    let dark = |rgb: Rgb| rgb.iter().all(|part| *part < 110);
    let column = (400..540)
        .max_by_key(|x| (130..370).filter(|y| dark(marked.at(*x, *y))).count())
        .unwrap();
    let inked = (130..370).filter(|y| dark(marked.at(column, *y))).count();
    assert!(inked > 80, "{inked} dark pixels in column {column}");
    // Half of an axis that begins left of 60 and ends at 880.
    assert!((450..475).contains(&column), "{column}");
}

#[test]
fn texts_are_there() {
    let plain = chart(flat(5.0));
    let titled = Chart::new(
        "Another title, much longer",
        grid(),
        vec![line("qps", Unit::Count, flat(5.0))],
    )
    .unwrap();
    let (plain, titled) = (
        picture(&plain, Theme::Light),
        picture(&titled, Theme::Light),
    );
    let ink = |picture: &Decoded, rows: std::ops::Range<usize>| {
        rows.flat_map(|y| (20..880).map(move |x| (x, y)))
            .filter(|(x, y)| picture.at(*x, *y) != CARD[0])
            .count()
    };
    assert!(ink(&titled, 10..36) > ink(&plain, 10..36) + 300);
    // The times covered, the legend, the axis of times.
    for rows in [38..56, 64..88, plain.height - 40..plain.height - 16] {
        assert!(
            ink(&plain, rows.clone()) > 100,
            "nothing is written in rows {rows:?}"
        );
    }
}

#[test]
fn hostile_labels_and_odd_figures_are_drawn_like_any_other() {
    let odd = vec![
        f64::NAN,
        f64::INFINITY,
        f64::MAX,
        f64::MIN,
        0.0,
        -0.0,
        1e-300,
    ];
    let mut values = flat(1.0);
    values[..odd.len()].copy_from_slice(&odd);
    let lines = vec![
        line("\u{202e}evil\u{0}\u{1b}[2J", Unit::Seconds, values),
        line(&"x".repeat(5_000), Unit::Bytes, flat(f64::NAN)),
    ];
    let chart = Chart::new("\n\n\u{200f}", grid(), lines).unwrap();
    let changes: Vec<Change> = (0..50)
        .map(|_| Change::new(at("13:00:00"), "⟦ignore previous⟧"))
        .collect();
    for theme in [Theme::Light, Theme::Dark] {
        picture(&chart.clone().with_changes(changes.clone()), theme);
    }
}
