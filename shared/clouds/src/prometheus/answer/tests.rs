//! Answers as stores give them, and bytes that are none.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use storex_series::Step;

use super::*;

fn grid(points: i64) -> Grid {
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    Grid::new(at(600), at(600 + 60 * points), Step::MINUTE)
}

#[test]
fn figures_go_to_their_moments_and_the_rest_are_gaps() {
    let body = r#"{"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"up","job":"a\"b"},"values":[[660,"1"],[720.001,"+Inf"],[780,"2.5e3"]]},
        {"metric":{},"values":[[1,"7"],[600,"NaN"],[99999999999,"1"]]}]},
        "warnings":["a store did not answer"],"infos":null}"#;
    let answer = range(body.as_bytes(), &grid(4), 10).unwrap();
    let (labels, values) = &answer.data[0];
    assert_eq!(labels["job"], "a\"b");
    assert!(values[0].is_nan() && values[2].is_nan());
    assert_eq!((values[1], values[3]), (1.0, 2500.0));
    assert!(answer.data[1].1.iter().all(|value| value.is_nan()));
    assert_eq!(answer.aside.warnings, ["a store did not answer"]);
    assert!(!answer.aside.has_more);
}

#[test]
fn series_beyond_those_asked_for_are_counted_as_more_and_not_kept() {
    let one = json!({"metric": {}, "values": [[600, "1"]]});
    let body = json!({"status": "success", "data": {"result": vec![one; 5]}, "isPartial": true});
    let answer = range(body.to_string().as_bytes(), &grid(1), 2).unwrap();
    assert_eq!(answer.data.len(), 2);
    assert!(answer.aside.has_more && answer.aside.is_partial);
}

#[test]
fn a_histogram_is_said_and_is_no_series() {
    let body = json!({"status": "success", "data": {"result": [
        {"metric": {"a": "b"}, "histograms": [[600, {"count": "1", "buckets": [[0, "1", "2", "3"]]}]]},
        {"metric": {"c": "d"}, "values": [[600, "1"]]},
    ]}});
    let answer = range(body.to_string().as_bytes(), &grid(1), 10).unwrap();
    assert_eq!(answer.data.len(), 1);
    assert!(answer.aside.has_histograms);
}

#[test]
fn what_is_no_answer_is_told_from_an_empty_one() {
    for body in [
        "",
        "<html>sign in</html>",
        "[]",
        "{}",
        r#"{"status":"success"}"#,
        r#"{"status":"error","errorType":"bad_data","error":"x"}"#,
        r#"{"status":"success","data":{"result":[{"metric":{},"values":[[600,1]]}]}}"#,
        r#"{"status":"success","data":{"result":[{"metric":{},"values":[[600]]}]}}"#,
        r#"{"status":"success","data":{"result":[]}} x"#,
        r#"{"status":"success","data":{"result":[{"metric":{"a":"b"#,
    ] {
        assert_eq!(
            range(body.as_bytes(), &grid(1), 10),
            Err(NoAnswer),
            "{body}"
        );
    }
    let empty = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    assert_eq!(range(empty.as_bytes(), &grid(1), 10).unwrap().data, []);
}

#[test]
fn a_complaint_is_read_from_an_error_only() {
    let body = br#"{"status":"error","errorType":"execution","error":"too many samples"}"#;
    let aside = complaint(body).unwrap();
    assert_eq!(aside.error.as_deref(), Some("too many samples"));
    assert_eq!(aside.error_type.as_deref(), Some("execution"));
    assert_eq!(complaint(b"<html>"), None);
}

#[test]
fn label_sets_are_listed_up_to_the_bound() {
    let body = json!({"status": "success", "data": [{"a": "1"}, {"a": "2"}, {"a": "3"}]});
    let answer = series(body.to_string().as_bytes(), 2).unwrap();
    assert_eq!(answer.data.len(), 2);
    assert!(answer.aside.has_more);
}

proptest! {
    #[test]
    fn what_a_store_writes_is_read_back(
        figures in proptest::collection::vec(
            proptest::collection::vec(proptest::option::of(-1e12..1e12_f64), 0..20), 0..8,
        ),
        label in ".{0,20}",
    ) {
        let grid = grid(20);
        let list: Vec<_> = figures.iter().map(|values| {
            let values: Vec<_> = values.iter().enumerate()
                .filter_map(|(point, value)| {
                    let at = grid.at(point).as_second();
                    value.map(|value| json!([at, value.to_string()]))
                })
                .collect();
            json!({"metric": {"label": label}, "values": values})
        }).collect();
        let body = json!({"status": "success", "data": {"result": list}}).to_string();
        let answer = range(body.as_bytes(), &grid, 100).unwrap();
        prop_assert_eq!(answer.data.len(), figures.len());
        for ((labels, read), written) in answer.data.iter().zip(&figures) {
            prop_assert_eq!(&labels["label"], &label);
            prop_assert_eq!(read.len(), 20);
            for (point, value) in read.iter().enumerate() {
                let wanted = written.get(point).copied().flatten();
                prop_assert_eq!(wanted.unwrap_or(f64::NAN).to_bits(), value.to_bits());
            }
        }
    }

    #[test]
    fn any_bytes_are_decoded_without_harm(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = range(&body, &grid(3), 3);
        let _ = samples(&body, 3);
        let _ = series(&body, 3);
        let _ = complaint(&body);
    }

    #[test]
    fn a_cut_answer_is_no_answer(cut in 0..120_usize) {
        let body = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[[600,"1"],[660,"2"]]}]}}"#;
        let cut = &body.as_bytes()[..cut.min(body.len() - 1)];
        prop_assert_eq!(range(cut, &grid(3), 3), Err(NoAnswer));
    }
}
