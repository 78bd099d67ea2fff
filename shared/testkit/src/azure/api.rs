//! How the stand-in answers.

use serde_json::{Value, json};

use super::http::{Answer, Asked};
use super::stand_in::{Fault, ServerLog, State, token};
use super::{CLIENT, RESOURCE_GROUP, SECRET, SERVER, SUBSCRIPTION, TENANT};

const API_VERSION: &str = "2023-12-30";

pub(super) fn answer(state: &mut State, asked: &Asked) -> Answer {
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    let sign_in = format!("/{TENANT}/oauth2/v2.0/token");
    let server = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/\
         Microsoft.DBforMySQL/flexibleServers/{SERVER}"
    );
    if asked.method == "POST" && path == sign_in {
        return signed_in(&asked.body);
    }
    if path == format!("{server}/logFiles") {
        return list(state, asked, &server, query);
    }
    match path.strip_prefix("/files/") {
        Some(name) if asked.method == "GET" => file(state, asked, name, query),
        _ => error(404, "ResourceNotFound", "there is no such resource"),
    }
}

fn json_answer(status: u16, body: &Value) -> Answer {
    let mut answer = Answer::new(status, body.to_string().into_bytes());
    let json = "application/json; charset=utf-8".to_owned();
    answer.headers.push(("content-type", json));
    answer
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    json_answer(
        status,
        &json!({ "error": { "code": code, "message": message } }),
    )
}

/// A field of a form or a query, as far as percent-coding matters here.
fn field(text: &str, name: &str) -> Option<String> {
    let coded = text
        .split('&')
        .find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
    let text = coded
        .replace('+', " ")
        .replace("%3A", ":")
        .replace("%2F", "/");
    Some(text)
}

fn signed_in(form: &str) -> Answer {
    let is_ours = field(form, "client_id").as_deref() == Some(CLIENT)
        && field(form, "client_secret").as_deref() == Some(SECRET)
        && field(form, "grant_type").as_deref() == Some("client_credentials");
    let scope = field(form, "scope").unwrap_or_default();
    match scope.strip_suffix("/.default") {
        Some(audience) if is_ours => json_answer(
            200,
            &json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token(audience) }),
        ),
        _ => json_answer(
            401,
            &json!({ "error": "invalid_client",
                     "error_description": "AADSTS7000215: Invalid client secret provided." }),
        ),
    }
}

fn fault(fault: Fault, answer: Answer) -> Answer {
    match fault {
        Fault::Cut(after) => Answer {
            cut_after: Some(after.min(answer.body.len().saturating_sub(1))),
            ..answer
        },
        Fault::Throttle(retry_ms) => {
            let mut answer = error(429, "TooManyRequests", "slow down");
            answer
                .headers
                .push(("x-ms-retry-after-ms", retry_ms.to_string()));
            answer
        }
        Fault::Status(status) => error(status, "Told", "a test says so"),
    }
}

fn list(state: &mut State, asked: &Asked, server: &str, query: &str) -> Answer {
    let bearer = format!("Bearer {}", token(&state.base));
    if asked.header("authorization") != Some(&bearer) {
        return error(
            401,
            "InvalidAuthenticationToken",
            "the token is for somebody else",
        );
    }
    if field(query, "api-version").as_deref() != Some(API_VERSION) {
        return error(400, "InvalidApiVersionParameter", "no such version");
    }
    state.lists_served += 1;
    let from: usize = field(query, "skip")
        .and_then(|skip| skip.parse().ok())
        .unwrap_or(0);
    let page = state.logs.iter().skip(from).take(state.page);
    let value: Vec<Value> = page.map(|log| described(state, log, server)).collect();
    let next = from + state.page;
    let body = if next < state.logs.len() {
        let base = &state.base;
        let link = format!("{base}{server}/logFiles?api-version={API_VERSION}&skip={next}");
        json!({ "value": value, "nextLink": link })
    } else {
        json!({ "value": value })
    };
    let answer = json_answer(200, &body);
    match state.list_faults.pop_front() {
        Some(told) => fault(told, answer),
        None => answer,
    }
}

/// `LogFile` of the API.
fn described(state: &State, log: &ServerLog, server: &str) -> Value {
    let State {
        base, signature, ..
    } = state;
    json!({
        "id": format!("{server}/logFiles/{}", log.name),
        "name": log.name,
        "type": "Microsoft.DBforMySQL/flexibleServers/logFiles",
        "properties": {
            "sizeInKB": log.content.len().div_ceil(1024),
            "createdTime": "2026-11-20T00:00:00+00:00",
            "lastModifiedTime": log.modified,
            "type": log.kind,
            "url": format!("{base}/files/{}?sv=2024-08-04&sp=r&sig={signature}-s3cret", log.name),
        }
    })
}

fn file(state: &mut State, asked: &Asked, name: &str, query: &str) -> Answer {
    if field(query, "sig") != Some(format!("{}-s3cret", state.signature)) {
        return error(403, "AuthenticationFailed", "the signature is not good");
    }
    if asked.header("authorization").is_some() {
        return error(400, "InvalidAuthenticationInfo", "a signature and a token");
    }
    let Some(log) = state.logs.iter().find(|log| log.name == name) else {
        return error(404, "BlobNotFound", "there is no such file");
    };
    let total = log.content.len();
    let range = asked
        .header("range")
        .and_then(|range| range.strip_prefix("bytes="));
    let range = range.and_then(|range| {
        let (from, last) = range.split_once('-')?;
        Some((from.parse::<usize>().ok()?, last.parse::<usize>().ok()?))
    });
    let (from, last) = range.unwrap_or((0, usize::MAX));
    if from >= total {
        let mut answer = error(416, "InvalidRange", "it ends before");
        answer
            .headers
            .push(("content-range", format!("bytes */{total}")));
        return answer;
    }
    let last = last.min(total - 1);
    let body = log.content.get(from..=last).unwrap_or_default().to_vec();
    let length = body.len();
    let mut answer = Answer::new(if range.is_some() { 206 } else { 200 }, body);
    answer
        .headers
        .push(("content-range", format!("bytes {from}-{last}/{total}")));
    let answer = match state.file_faults.pop_front() {
        Some(told) => fault(told, answer),
        None => answer,
    };
    if answer.status < 300 {
        state.bytes_served += answer.cut_after.unwrap_or(length) as u64;
    }
    answer
}
