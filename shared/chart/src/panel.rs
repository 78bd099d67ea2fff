//! Lines that share an axis: those of one unit whose figures are of about the same size.

use storex_series::Unit;

use crate::chart::Line;
use crate::range::Range;

/// A line whose highest figure is less than this part of the highest beside it would look flat.
const FLAT: f64 = 1.0 / 40.0;

/// Some of the chart's lines, by their numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Panel {
    pub(crate) lines: Vec<usize>,
    pub(crate) unit: Unit,
    /// What its axis shows; none where no line has a figure.
    pub(crate) range: Option<Range>,
}

/// The panels of these lines, in the order of the first of each.
pub(crate) fn panels(lines: &[Line]) -> Vec<Panel> {
    let peaks: Vec<f64> = lines.iter().map(peak).collect();
    let peak_of = |number: &usize| peaks.get(*number).copied().unwrap_or(0.0);
    // From the largest down, each joins the first panel of its unit where it does not look flat.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|a, b| peak_of(b).total_cmp(&peak_of(a)));
    let mut groups: Vec<(Unit, Vec<usize>)> = Vec::new();
    for number in order {
        let Some(line) = lines.get(number) else {
            continue;
        };
        let fits = |(unit, members): &&mut (Unit, Vec<usize>)| {
            let top = members.first().map_or(0.0, peak_of);
            let own = peak_of(&number);
            *unit == line.unit && (own >= top * FLAT || own == 0.0)
        };
        match groups.iter_mut().find(fits) {
            Some((_, members)) => members.push(number),
            None => groups.push((line.unit, vec![number])),
        }
    }
    for (_, members) in &mut groups {
        members.sort_unstable();
    }
    groups.sort_by_key(|(_, members)| members.first().copied());
    groups
        .into_iter()
        .map(|(unit, members)| {
            let of: Vec<&Line> = members
                .iter()
                .filter_map(|number| lines.get(*number))
                .collect();
            Panel {
                range: Range::shown(&of),
                lines: members,
                unit,
            }
        })
        .collect()
}

fn peak(line: &Line) -> f64 {
    let figures = line.values.iter().filter(|value| value.is_finite());
    figures.fold(0.0, |peak: f64, value| peak.max(value.abs()))
}

#[cfg(test)]
mod tests {
    use storex_series::{Kind, Series, SeriesId};

    use super::*;

    fn line(unit: Unit, top: f64) -> Line {
        Line::of(&Series {
            id: SeriesId::named("x"),
            kind: Kind::Gauge,
            unit,
            values: vec![0.0, top],
        })
    }

    #[test]
    fn a_unit_has_a_panel_and_so_has_a_size() {
        let lines = [
            line(Unit::PerSecond, 10_000.0),
            line(Unit::Share, 0.9),
            line(Unit::PerSecond, 4_000.0),
            line(Unit::PerSecond, 3.0),
            line(Unit::PerSecond, 0.0),
        ];
        let numbers: Vec<Vec<usize>> = panels(&lines)
            .into_iter()
            .map(|panel| panel.lines)
            .collect();
        assert_eq!(numbers, [vec![0, 2, 4], vec![1], vec![3]]);
    }
}
