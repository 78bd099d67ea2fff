//! The forms of an answer, as they are read off its JSON.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::figures::{self, Sample};
use super::{Aside, Labels};

/// Labels of a series at most; real ones have a dozen.
const MOST_LABELS: usize = 128;
/// Warnings kept of an answer.
const MOST_WARNINGS: usize = 16;

/// `{"status": …, "data": …, "warnings": …}`; true where the status is `success` and there were data.
pub(super) struct Body<'a, F> {
    pub(super) aside: &'a mut Aside,
    pub(super) data: Data<'a, F>,
}

pub(super) enum Data<'a, F> {
    Query(ResultSeed<'a, F>),
    List(List<'a>),
}

impl<'de, F: figures::Figures> DeserializeSeed<'de> for Body<'_, F> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, F: figures::Figures> Visitor<'de> for Body<'_, F> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer of the interface")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self { aside, mut data } = self;
        let (mut is_success, mut has_data) = (false, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "status" => is_success = map.next_value::<String>()? == "success",
                "data" => {
                    has_data = true;
                    let has_more = match &mut data {
                        Data::Query(seed) => {
                            let of_query = map.next_value_seed(QueryData(seed))?;
                            aside.has_histograms |= of_query.has_histograms;
                            of_query.has_more
                        }
                        Data::List(list) => map.next_value_seed(ListData(list))?,
                    };
                    aside.has_more |= has_more;
                }
                "warnings" => aside.warnings = words(map.next_value()?),
                "infos" => aside.infos = words(map.next_value()?),
                "error" => aside.error = map.next_value()?,
                "errorType" => aside.error_type = map.next_value()?,
                "isPartial" => aside.is_partial = map.next_value::<Option<bool>>()? == Some(true),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(is_success && has_data)
    }
}

fn words(said: Option<Vec<String>>) -> Vec<String> {
    let mut said = said.unwrap_or_default();
    said.truncate(MOST_WARNINGS);
    said
}

/// What was told of the data of a query.
#[derive(Debug, Default)]
struct OfQuery {
    has_more: bool,
    has_histograms: bool,
}

/// How the series of a query are taken in.
pub(super) struct ResultSeed<'a, F> {
    pub(super) most: usize,
    pub(super) take: &'a mut dyn FnMut(Labels, F),
    pub(super) figures: &'a dyn Fn() -> F,
}

/// `{"resultType": …, "result": […]}`.
struct QueryData<'s, 'a, F>(&'s mut ResultSeed<'a, F>);

impl<'de, F: figures::Figures> DeserializeSeed<'de> for QueryData<'_, '_, F> {
    type Value = OfQuery;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<OfQuery, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, F: figures::Figures> Visitor<'de> for QueryData<'_, '_, F> {
    type Value = OfQuery;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the data of a query")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OfQuery, A::Error> {
        let mut told = OfQuery::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == "result" {
                map.next_value_seed(ResultList {
                    seed: &mut *self.0,
                    told: &mut told,
                })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(told)
    }
}

struct ResultList<'s, 'a, F> {
    seed: &'s mut ResultSeed<'a, F>,
    told: &'s mut OfQuery,
}

impl<'de, F: figures::Figures> DeserializeSeed<'de> for ResultList<'_, '_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, F: figures::Figures> Visitor<'de> for ResultList<'_, '_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut taken = 0;
        loop {
            if taken == self.seed.most {
                if list.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(());
                }
                self.told.has_more = true;
                continue;
            }
            let figures = (self.seed.figures)();
            let Some(one) = list.next_element_seed(Member(figures))? else {
                return Ok(());
            };
            taken += 1;
            self.told.has_histograms |= one.has_histograms;
            if !one.has_histograms || one.has_figures {
                (self.seed.take)(one.labels, one.figures);
            }
        }
    }
}

/// One series.
struct Member<F>(F);

struct OneSeries<F> {
    labels: Labels,
    figures: F,
    has_figures: bool,
    has_histograms: bool,
}

impl<'de, F: figures::Figures> DeserializeSeed<'de> for Member<F> {
    type Value = OneSeries<F>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, F: figures::Figures> Visitor<'de> for Member<F> {
    type Value = OneSeries<F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut one = OneSeries {
            labels: Labels::new(),
            figures: self.0,
            has_figures: false,
            has_histograms: false,
        };
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "metric" => one.labels = map.next_value::<LabelSet>()?.0,
                "values" => {
                    one.has_figures = true;
                    map.next_value_seed(figures::List(&mut one.figures))?;
                }
                "value" => {
                    one.has_figures = true;
                    let sample = map.next_value::<Sample>()?;
                    one.figures.take(sample);
                }
                other => {
                    one.has_histograms |= other.starts_with("histogram");
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(one)
    }
}

/// Labels, not more than a series may have.
struct LabelSet(Labels);

impl<'de> Deserialize<'de> for LabelSet {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let labels = Labels::deserialize(json)?;
        if labels.len() > MOST_LABELS {
            return Err(serde::de::Error::custom("a series with too many labels"));
        }
        Ok(Self(labels))
    }
}

pub(super) struct List<'a> {
    pub(super) most: usize,
    pub(super) found: &'a mut Vec<Labels>,
}

/// A list of label sets; true where there were more.
struct ListData<'s, 'a>(&'s mut List<'a>);

impl<'de> DeserializeSeed<'de> for ListData<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListData<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of label sets")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<bool, A::Error> {
        while self.0.found.len() < self.0.most {
            let Some(labels) = list.next_element::<LabelSet>()? else {
                return Ok(false);
            };
            self.0.found.push(labels.0);
        }
        let mut has_more = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            has_more = true;
        }
        Ok(has_more)
    }
}
