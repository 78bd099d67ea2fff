//! A caller's query, kept to the series of one instance and to bounds before it is sent.
//!
//! The query is parsed, the instance's label matchers are added to every selector in it, as
//! prom-label-proxy does (<https://github.com/prometheus-community/prom-label-proxy>), and it is written
//! anew. What was written must parse to exactly what was meant, so nothing that a quotation mark could
//! end is sent, and what this parser does not know is refused.

use std::time::Duration;

use promql_parser::label::{Labels, Matchers};
use promql_parser::parser::{
    self, AtModifier, BinModifier, Expr, LabelModifier, Offset, VectorMatchCardinality,
    VectorSelector,
};
use storex_series::Grid;
use storex_sources::MetricsError;

use super::plain::plain;
use super::selector::{Instance, NAME, is_plain_label, is_plain_name};

/// Bytes of a query.
const MOST_TEXT: usize = 2_000;
/// How deep its parts may lie within each other.
const MOST_DEPTH: usize = 40;
/// How far back a selector may reach.
const MOST_REACH: Duration = Duration::from_secs(31 * 24 * 3600);
/// How far a query may be moved in time.
const MOST_OFFSET: Duration = Duration::from_secs(400 * 24 * 3600);
/// Points a query and its subqueries are worked out for, all together.
const MOST_WORK: u64 = 1_000_000;
/// It joins series of its own choice.
const UNFENCED: &[&str] = &["info"];

/// The query as it may be sent.
pub(super) fn fenced(text: &str, instance: &Instance, grid: &Grid) -> Result<String, MetricsError> {
    if text.len() > MOST_TEXT {
        return Err(MetricsError::TooMuch {
            what: format!("a query of {} bytes", text.len()),
            most: format!("{MOST_TEXT} bytes"),
        });
    }
    let mut expr = parser::parse(text).map_err(|error| refused(plain(&error)))?;
    let mut fence = Fence {
        instance,
        grid,
        depth: 0,
        subqueries: 1,
    };
    fence.expr(&mut expr)?;
    let sent = expr.to_string();
    match parser::parse(&sent) {
        Ok(read) if read == expr => Ok(sent),
        _ => Err(refused("it cannot be restated exactly".to_owned())),
    }
}

fn refused(detail: String) -> MetricsError {
    MetricsError::Refused { detail }
}

struct Fence<'q> {
    instance: &'q Instance,
    grid: &'q Grid,
    depth: usize,
    /// Points of the subqueries around, one for each point of the grid.
    subqueries: u64,
}

impl Fence<'_> {
    fn expr(&mut self, expr: &mut Expr) -> Result<(), MetricsError> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(refused(format!(
                "its parts lie deeper than {MOST_DEPTH} in each other"
            )));
        }
        match expr {
            Expr::Aggregate(part) => {
                if let Some(modifier) = &part.modifier {
                    modified(modifier)?;
                }
                if let Some(param) = &mut part.param {
                    self.expr(param)?;
                }
                self.expr(&mut part.expr)?;
            }
            Expr::Unary(part) => self.expr(&mut part.expr)?,
            Expr::Paren(part) => self.expr(&mut part.expr)?,
            Expr::Binary(part) => {
                if let Some(modifier) = &part.modifier {
                    joined(modifier)?;
                }
                self.expr(&mut part.lhs)?;
                self.expr(&mut part.rhs)?;
            }
            Expr::Subquery(part) => self.subquery(part)?,
            Expr::VectorSelector(selector) => self.selector(selector)?,
            Expr::MatrixSelector(part) => {
                within(part.range, MOST_REACH, "a range")?;
                self.selector(&mut part.vs)?;
            }
            Expr::Call(call) => {
                if UNFENCED.contains(&call.func.name) {
                    return Err(refused(format!("`{}` is not taken here", call.func.name)));
                }
                for argument in &mut call.args.args {
                    self.expr(argument)?;
                }
            }
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => {}
            Expr::Extension(_) => return Err(refused("it holds an unknown part".to_owned())),
        }
        self.depth -= 1;
        Ok(())
    }

    fn subquery(&mut self, part: &mut parser::SubqueryExpr) -> Result<(), MetricsError> {
        moved(part.offset.as_ref(), part.at.as_ref())?;
        within(part.range, MOST_REACH, "a range")?;
        // The store's own choice would depend on its configuration.
        let step = u64::from(self.grid.step().seconds());
        let step = *part.step.get_or_insert(Duration::from_secs(step));
        let points = part.range.as_millis() / step.as_millis().max(1);
        let outer = self.subqueries;
        let points = u64::try_from(points).unwrap_or(u64::MAX).max(1);
        self.subqueries = outer.saturating_mul(points);
        let work = self.subqueries.saturating_mul(self.grid.len() as u64);
        if work > MOST_WORK {
            return Err(MetricsError::TooMuch {
                what: format!("a subquery of {work} points"),
                most: format!("{MOST_WORK} points"),
            });
        }
        self.expr(&mut part.expr)?;
        self.subqueries = outer;
        Ok(())
    }

    fn selector(&self, selector: &mut VectorSelector) -> Result<(), MetricsError> {
        moved(selector.offset.as_ref(), selector.at.as_ref())?;
        let Matchers {
            matchers,
            or_matchers,
        } = &mut selector.matchers;
        if !or_matchers.is_empty() {
            return Err(refused("`or` within braces is not taken here".to_owned()));
        }
        for matcher in &*matchers {
            labelled(&matcher.name)?;
        }
        if let Some(name) = selector.name.as_deref().filter(|name| !is_plain_name(name)) {
            return Err(refused(format!("`{}` is no name of a series", plain(name))));
        }
        let named = matchers
            .iter()
            .find(|matcher| {
                matcher.name == NAME && matcher.op == promql_parser::label::MatchOp::Equal
            })
            .map(|matcher| matcher.value.as_str());
        let of = self.instance.of(selector.name.as_deref().or(named));
        matchers.extend_from_slice(self.instance.matchers(of));
        // As they are written, so that what is written reads the same.
        matchers.sort_by_key(ToString::to_string);
        Ok(())
    }
}

fn moved(offset: Option<&Offset>, at: Option<&AtModifier>) -> Result<(), MetricsError> {
    if let Some(Offset::Pos(by) | Offset::Neg(by)) = offset {
        within(*by, MOST_OFFSET, "an offset")?;
    }
    match at {
        Some(AtModifier::At(_)) => Err(refused(
            "a fixed moment (`@`) is not taken here: move the window instead".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn within(asked: Duration, most: Duration, what: &str) -> Result<(), MetricsError> {
    if asked <= most {
        return Ok(());
    }
    let days = |time: Duration| time.as_secs() / 86_400;
    Err(MetricsError::TooMuch {
        what: format!("{what} of {} days", days(asked)),
        most: format!("{} days", days(most)),
    })
}

fn modified(modifier: &LabelModifier) -> Result<(), MetricsError> {
    match modifier {
        LabelModifier::Include(labels) | LabelModifier::Exclude(labels) => all_labelled(labels),
    }
}

fn joined(modifier: &BinModifier) -> Result<(), MetricsError> {
    if let Some(matching) = &modifier.matching {
        modified(matching)?;
    }
    match &modifier.card {
        VectorMatchCardinality::ManyToOne(labels) | VectorMatchCardinality::OneToMany(labels) => {
            all_labelled(labels)
        }
        VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany => Ok(()),
    }
}

fn all_labelled(labels: &Labels) -> Result<(), MetricsError> {
    labels.labels.iter().try_for_each(|label| labelled(label))
}

fn labelled(label: &str) -> Result<(), MetricsError> {
    if is_plain_label(label) {
        return Ok(());
    }
    Err(refused(format!(
        "`{}` is no label that is taken here",
        plain(label)
    )))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use storex_series::Step;

    use super::*;
    use crate::prometheus::selector::Of;
    use crate::prometheus::settings::Selectors;

    fn instance() -> Instance {
        Instance::new(&Selectors {
            database: r#"instance="db1:9104",job="mysql""#.to_owned(),
            host: Some(r#"instance="db1:9100""#.to_owned()),
        })
        .unwrap()
    }

    fn hour() -> Grid {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        Grid::new(at(1_000_000_020), at(1_000_003_620), Step::MINUTE)
    }

    fn fence(text: &str) -> Result<String, MetricsError> {
        fenced(text, &instance(), &hour())
    }

    /// All selectors of a query as it is sent.
    fn selectors(expr: &Expr, found: &mut Vec<VectorSelector>) {
        match expr {
            Expr::Aggregate(part) => {
                selectors(&part.expr, found);
                if let Some(param) = &part.param {
                    selectors(param, found);
                }
            }
            Expr::Unary(part) => selectors(&part.expr, found),
            Expr::Paren(part) => selectors(&part.expr, found),
            Expr::Binary(part) => {
                selectors(&part.lhs, found);
                selectors(&part.rhs, found);
            }
            Expr::Subquery(part) => selectors(&part.expr, found),
            Expr::VectorSelector(selector) => found.push(selector.clone()),
            Expr::MatrixSelector(part) => found.push(part.vs.clone()),
            Expr::Call(call) => call
                .args
                .args
                .iter()
                .for_each(|part| selectors(part, found)),
            _ => {}
        }
    }

    fn assert_fenced(sent: &str) {
        let mut found = Vec::new();
        selectors(&parser::parse(sent).unwrap(), &mut found);
        for selector in found {
            let is = |of| {
                let wanted = instance();
                let all = wanted.matchers(of);
                let has = |matcher| selector.matchers.matchers.contains(matcher);
                all.iter().all(has)
            };
            let has_or = !selector.matchers.or_matchers.is_empty();
            assert!((is(Of::Database) || is(Of::Host)) && !has_or, "{sent}");
        }
    }

    #[test]
    fn every_selector_gets_the_instances_matchers() {
        assert_eq!(
            fence("sum by (command) (rate(mysql_global_status_commands_total[5m])) > 1").unwrap(),
            "sum by (command) (rate(mysql_global_status_commands_total\
             {instance=\"db1:9104\",job=\"mysql\"}[5m])) > 1"
        );
        assert_eq!(
            fence("max_over_time(node_load1[1h:])").unwrap(),
            "max_over_time(node_load1{instance=\"db1:9100\"}[1h:1m])"
        );
    }

    #[test]
    fn ordinary_queries_are_taken() {
        let refused: Vec<_> = [
            "mysql_up",
            "sum(mysql_up{instance=~\".+\"} or mysql_up)",
            "sum(mysql_up offset 1s)",
            "count(count by (instance) (mysql_up))",
            "label_replace(mysql_up, \"a\", \"$1\", \"instance\", \"(.*)\")",
            "topk(5, sum by (command) (rate(mysql_global_status_commands_total[5m])))",
            "histogram_quantile(0.99, sum by (le) (rate(mysql_x_bucket[5m])))",
            "max_over_time(mysql_global_status_threads_running[1h:])",
            "a / on (instance) group_left (job) b",
            "a / ignoring (state) b",
            "a and b unless c",
            "(a > bool 1) * 100",
            "-a ^ 2 % 3",
            "rate(a[5m] offset -1h)",
            "delta(a[1h30m])",
            "a == 1e9",
            "vector(1) + time()",
            "sum without (command) (a)",
            "avg(a) by (job)",
            "a{job!~\"x|y\", job!=\"z\",}",
            "a @ start()",
        ]
        .into_iter()
        .filter_map(|query| Some((query, fence(query).err()?)))
        .collect();
        assert!(refused.is_empty(), "{refused:#?}");
    }

    #[test]
    fn no_query_reads_another_instances_series() {
        for attack in [
            r#"mysql_up{instance="db2:9104"}"#,
            r#"{instance=~".*"}"#,
            r#"{__name__=~"mysql.*"}"#,
            r#"mysql_up or mysql_up{instance="db2"}"#,
            r#"mysql_up{instance="db1:9104"} offset 1d unless on() vector(0)"#,
            r#"label_replace(mysql_up{job="x"}, "instance", "db1:9104", "", "")"#,
            r#"mysql_up{job="\"} or up{instance=\"db2"}"#,
            "mysql_up{job='\"} or up{a=\"'}",
            "mysql_up{job=`\"} or up{a=\"`}",
            r"sum(up) by (instance)",
            r#"count({instance!=""}) by (__name__)"#,
            r#"absent(up{instance="db2"})"#,
            r"topk(scalar(up), up)",
            r"quantile_over_time(scalar(up), up[1m])",
            "up # } or up",
            "up\n# comment\n+ up",
            r#"count_values("x\"y", up)"#,
            r#"{"up} or secret{"}"#,
            r#"{"a.b"}"#,
            r"ALERTS",
            r"-up ^ -up",
            r"(up[5m:1m] offset 5m)",
            r"up @ end()",
        ] {
            if let Ok(sent) = fence(attack) {
                assert_fenced(&sent);
            }
        }
    }

    #[test]
    fn what_could_step_over_the_fence_is_refused() {
        for attack in [
            r#"up{instance="a" or instance="b"}"#,
            r#"up{__graphite__="a.b.c"}"#,
            r#"up{__tenant_id__="other"}"#,
            r#"up{"a\"} or up{b"="c"}"#,
            r#"sum by ("a) (up) or (up") (up)"#,
            r#"info(up, {__name__="target_info"})"#,
            "WITH (x = up) x",
            r#"up{instance="db1"#,
            "up[5m]}",
            "up @ 1609746000",
            "",
        ] {
            let refused = fence(attack);
            assert!(
                matches!(refused, Err(MetricsError::Refused { .. })),
                "{attack}: {refused:?}"
            );
        }
    }

    #[test]
    fn more_work_than_is_bearable_is_refused_before_it_is_sent() {
        for heavy in [
            "max_over_time(up[365d])".to_owned(),
            "max_over_time(up[30d:1s])".to_owned(),
            "max_over_time(max_over_time(up[1d:1m])[1d:1m])".to_owned(),
            "up offset 5y".to_owned(),
            format!("up{}", " + up".repeat(1_000)),
        ] {
            let refused = fence(&heavy);
            assert!(
                matches!(refused, Err(MetricsError::TooMuch { .. })),
                "{heavy}: {refused:?}"
            );
        }
        for deep in ["(", "-", "abs("] {
            let deep = format!("{}up", deep.repeat(MOST_TEXT / deep.len() - 2));
            assert!(fence(&deep).is_err());
        }
        let deep = format!("{}up{}", "(".repeat(900), ")".repeat(900));
        assert!(matches!(fence(&deep), Err(MetricsError::Refused { .. })));
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_fenced(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("up"), Just("node_load1"), Just("{"), Just("}"), Just("\""), Just("'"),
                    Just("`"), Just("\\"), Just("instance"), Just("="), Just("=~"), Just("!="),
                    Just("db2"), Just(".*"), Just(" or "), Just(","), Just("("), Just(")"),
                    Just("["), Just("]"), Just("5m"), Just(":"), Just("sum"), Just(" by "),
                    Just("rate"), Just("__name__"), Just("#"), Just("\n"), Just(" offset "),
                    Just("+"), Just("-"), Just("1"), Just(" on "), Just(" unless "),
                ],
                1..24,
            )
        ) {
            if let Ok(sent) = fence(&parts.concat()) {
                assert_fenced(&sent);
            }
        }

        #[test]
        fn a_value_of_a_label_stays_a_value(value in ".{0,40}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            if let Ok(sent) = fence(&format!("up{{job=\"{quoted}\"}}")) {
                assert_fenced(&sent);
                let mut found = Vec::new();
                selectors(&parser::parse(&sent).unwrap(), &mut found);
                prop_assert_eq!(found.len(), 1);
                let is_there = found[0].matchers.matchers.iter().any(|one| one.value == value);
                prop_assert!(is_there);
            }
        }
    }
}
