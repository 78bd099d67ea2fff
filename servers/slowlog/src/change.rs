//! Two windows of a slow log held against each other: which forms account for what was added, and how
//! each of them changed. Pure.

pub(crate) mod findings;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use storex_digest::{Digest, Figures, Group};

use crate::form::Form;

/// Times as much of something per run: a change rather than chance.
const MUCH: f64 = 1.5;
/// Times as many rows per run: what is read grows that fast when an index is gone, not with the data.
/// The same of the 95th percentile of times: chance moves it by less.
const MANY: f64 = 3.0;
/// Below so many rows a run it does not matter how many more there are.
const ROWS: f64 = 50.0;
/// Below so many bytes likewise.
const BYTES: f64 = 16_384.0;
/// Most of something.
const MOST: f64 = 0.5;
/// Failing runs, as a share of all, that were not there before.
const FAILING: f64 = 0.2;

/// How a form changed, by what accounts for most of its time that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is in the later window only.
    New,
    /// A run reads many times as many rows.
    ReadsMore,
    /// A run returns many times as much.
    ReturnsMore,
    /// Its runs fail.
    Fails,
    /// It is run more often.
    MoreOften,
    /// A run waits longer for locks.
    WaitsForLocks,
    /// A run takes longer, for the same work.
    Slower,
    /// It took less time than before, or is gone.
    Less,
    /// It did not change much.
    Same,
}

impl Kind {
    /// The name answers use.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::ReadsMore => "reads_more",
            Self::ReturnsMore => "returns_more",
            Self::Fails => "fails",
            Self::MoreOften => "more_often",
            Self::WaitsForLocks => "waits_for_locks",
            Self::Slower => "slower",
            Self::Less => "less",
            Self::Same => "same",
        }
    }

    /// Whether the statement itself asks for more of the server, rather than get less from it.
    const fn is_its_own(self) -> bool {
        matches!(
            self,
            Self::New | Self::ReadsMore | Self::ReturnsMore | Self::Fails | Self::MoreOften
        )
    }
}

/// A window, digested.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// What was logged.
    pub(crate) digest: &'a Digest,
    /// Its length.
    pub(crate) seconds: f64,
}

impl Side<'_> {
    /// Seconds of statements in each second.
    pub(crate) fn load(&self) -> f64 {
        self.digest.totals().figures.query_us.sum as f64 / 1e6 / self.seconds
    }

    fn per_s(&self, sum: u64) -> f64 {
        sum as f64 / self.seconds
    }
}

/// A form in both windows.
#[derive(Clone, Copy)]
pub(crate) struct Change<'a> {
    /// Before, if it was there.
    pub(crate) before: Option<&'a Group>,
    /// Now, if it is there.
    pub(crate) now: Option<&'a Group>,
    /// How it changed.
    pub(crate) kind: Kind,
    /// Seconds of its time in each second: so many more than before.
    pub(crate) added_load: f64,
    /// Of what all forms that took more added, 0 to 1.
    pub(crate) share: f64,
}

impl<'a> Change<'a> {
    /// The form, as it is now, or was.
    pub(crate) fn form(&self) -> Option<Form<'a>> {
        self.now.or(self.before).map(Form::of)
    }
}

/// What changed.
pub(crate) struct Changes<'a> {
    /// Before.
    pub(crate) before: Side<'a>,
    /// Now.
    pub(crate) now: Side<'a>,
    /// Each form: those that themselves ask for more first, by the time they added; then those that get
    /// less for the same work; at last those that took less.
    pub(crate) forms: Vec<Change<'a>>,
    /// What all forms that took more added, in seconds a second.
    pub(crate) added_load: f64,
}

impl<'a> Changes<'a> {
    /// Holds `now` against `before`.
    pub(crate) fn between(before: Side<'a>, now: Side<'a>) -> Self {
        let mut known: HashMap<&[u8], &Group> = HashMap::new();
        for group in before.digest.groups() {
            known.insert(&group.fingerprint, group);
        }
        let mut changes: Vec<Change<'_>> = Vec::new();
        for group in now.digest.groups() {
            let was = known.remove(&*group.fingerprint);
            changes.push(change(&before, &now, was, Some(group)));
        }
        let gone = known.into_values();
        changes.extend(gone.map(|group| change(&before, &now, Some(group), None)));

        let added = changes.iter().map(|change| change.added_load.max(0.0));
        let added_load: f64 = added.sum();
        for change in &mut changes {
            change.share = change.added_load / added_load.max(f64::MIN_POSITIVE);
        }
        // A form that itself asks for more comes before its victims, unless it adds next to nothing.
        let place =
            |change: &Change<'_>| u8::from(!(change.kind.is_its_own() && change.share >= 0.1));
        changes.sort_by(|one, other| {
            place(one)
                .cmp(&place(other))
                .then(other.added_load.total_cmp(&one.added_load))
                .then_with(|| text(one).cmp(text(other)))
        });
        Self {
            before,
            now,
            forms: changes,
            added_load,
        }
    }

    /// How many times as much time statements take now.
    pub(crate) fn factor(&self) -> f64 {
        self.now.load() / self.before.load().max(f64::MIN_POSITIVE)
    }

    /// The part of what was added that goes to forms of this kind.
    pub(crate) fn share_of(&self, kind: Kind) -> f64 {
        let same = self.forms.iter().filter(|change| change.kind == kind);
        same.map(|change| change.share.max(0.0)).sum()
    }
}

fn text<'a>(change: &Change<'a>) -> &'a [u8] {
    change.form().map_or(&[], |form| &form.group.fingerprint)
}

fn change<'a>(
    before: &Side<'_>,
    now: &Side<'_>,
    was: Option<&'a Group>,
    is: Option<&'a Group>,
) -> Change<'a> {
    let load = |side: &Side<'_>, group: Option<&Group>| {
        group.map_or(0.0, |group| side.per_s(group.figures.query_us.sum) / 1e6)
    };
    let added_load = load(now, is) - load(before, was);
    let kind = match (was, is) {
        (_, None) => Kind::Less,
        (None, Some(_)) => Kind::New,
        (Some(was), Some(is)) => kind(before, now, was, is),
    };
    Change {
        before: was,
        now: is,
        kind,
        added_load,
        share: 0.0,
    }
}

/// What accounts for most of the time added: `calls2 t2 - calls1 t1` is `(calls2 - calls1) t1`, for runs
/// that were added, and `calls2 (t2 - t1)`, for what each run takes longer.
fn kind(before: &Side<'_>, now: &Side<'_>, was: &Group, is: &Group) -> Kind {
    let (old, new) = (Form::of(was), Form::of(is));
    let calls = |side: &Side<'_>, figures: &Figures| side.per_s(figures.count);
    let (calls_before, calls_now) = (calls(before, &was.figures), calls(now, &is.figures));
    let by_calls = (calls_now - calls_before) * old.mean_s();
    let by_run = calls_now * (new.mean_s() - old.mean_s());
    let added = by_calls + by_run;
    if added < 0.0 {
        return Kind::Less;
    }
    if new.failing_share() - old.failing_share() >= FAILING {
        return Kind::Fails;
    }
    let each = |form: Form<'_>, sum: fn(&Figures) -> u64| form.each(sum(form.figures()));
    let grew = |sum: fn(&Figures) -> u64, times: f64, least: f64| {
        let (old, new) = (each(old, sum), each(new, sum));
        new >= least && new >= times * old
    };
    let takes_longer = new.mean_s() >= MUCH * old.mean_s();
    if takes_longer && by_run >= by_calls {
        if grew(|figures| figures.rows_examined.sum, MANY, ROWS) {
            return Kind::ReadsMore;
        }
        if grew(|figures| figures.bytes_sent.sum, MANY, BYTES)
            || grew(|figures| figures.rows_sent.sum, MANY, ROWS)
        {
            return Kind::ReturnsMore;
        }
        let longer_s = new.mean_s() - old.mean_s();
        let locks = |form: Form<'_>| each(form, |figures| figures.lock_us.sum) / 1e6;
        if locks(new) - locks(old) >= MOST * longer_s {
            return Kind::WaitsForLocks;
        }
        // The average follows a few slow ones, the median does not.
        let is_slower = |q, times: f64| {
            let at = |group: &Group| group.times.quantile(q).unwrap_or(0) as f64;
            at(is) >= times * at(was)
        };
        if is_slower(0.5, MUCH) || is_slower(0.95, MANY) {
            return Kind::Slower;
        }
        return Kind::Same;
    }
    if calls_now >= MUCH * calls_before {
        return Kind::MoreOften;
    }
    Kind::Same
}
