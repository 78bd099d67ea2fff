//! Puts one call to Cedar, and reads what it answers.

use cedar_policy::{
    AuthorizationError, Context, Decision as CedarDecision, Effect as PolicyEffect, EntityUid,
    PolicySet, Request, Response, RestrictedExpression,
};
use serde_json::{Map, Value};

use crate::tools::Tool;
use crate::view::Caller;
use crate::{ArgKind, Decision, Effect, Principal};

/// An argument policies look at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Arg {
    String(String),
    Long(i64),
    Bool(bool),
}

/// By position in the tool's list of arguments.
pub(crate) type Args = Box<[Option<Arg>]>;

/// The arguments policies may look at. Null is absent; one of the wrong type refuses the call.
pub(crate) fn canonical(tool: &Tool, arguments: &Map<String, Value>) -> Result<Args, String> {
    tool.spec
        .args
        .iter()
        .map(|spec| {
            let arg = match (spec.kind, arguments.get(&spec.name)) {
                (_, None | Some(Value::Null)) => return Ok(None),
                (ArgKind::String, Some(Value::String(text))) => Some(Arg::String(text.clone())),
                (ArgKind::Bool, Some(Value::Bool(flag))) => Some(Arg::Bool(*flag)),
                // Beyond what policies can count to is as much as they can count to.
                (ArgKind::Long, Some(Value::Number(number))) => number
                    .as_i64()
                    .or_else(|| number.as_u64().map(|_| i64::MAX))
                    .map(Arg::Long),
                _ => None,
            };
            arg.map(Some)
                .ok_or_else(|| format!("the argument `{}` is not of its type", spec.name))
        })
        .collect()
}

pub(crate) fn string_bytes(args: &Args) -> usize {
    args.iter()
        .map(|arg| match arg {
            Some(Arg::String(text)) => text.len(),
            _ => 0,
        })
        .sum()
}

/// What a call brings along besides principal, tool and resource.
pub(crate) fn context(principal: &Principal, tool: &Tool, args: &Args) -> Result<Context, String> {
    let flag = RestrictedExpression::new_bool;
    let mut sensitive = tool.spec.effect == Effect::Sensitive;
    let mut record = Vec::new();
    for (spec, arg) in tool.spec.args.iter().zip(args) {
        let value = match arg {
            None => continue,
            Some(Arg::String(text)) => RestrictedExpression::new_string(text.clone()),
            Some(Arg::Long(number)) => RestrictedExpression::new_long(*number),
            Some(Arg::Bool(value)) => {
                sensitive |= spec.sensitive && *value;
                flag(*value)
            }
        };
        record.push((spec.name.clone(), value));
    }
    let args = RestrictedExpression::new_record(record).map_err(|error| error.to_string())?;
    let transport = principal.transport.as_str().to_owned();
    Context::from_pairs([
        ("agent".to_owned(), flag(principal.is_agent())),
        ("args".to_owned(), args),
        (
            "mutates".to_owned(),
            flag(tool.spec.effect == Effect::Mutate),
        ),
        ("sensitive".to_owned(), flag(sensitive)),
        (
            "transport".to_owned(),
            RestrictedExpression::new_string(transport),
        ),
    ])
    .map_err(|error| error.to_string())
}

/// The request of one half of the caller.
pub(crate) fn request(
    half: &Caller,
    tool: &Tool,
    resource: &EntityUid,
    context: Context,
) -> Result<Request, String> {
    let (principal, action) = (half.entity.uid(), tool.entity.uid());
    Request::new(principal, action, resource.clone(), context, None)
        .map_err(|error| error.to_string())
}

/// Cedar skips a policy that fails. A permit that is skipped narrows; a forbid that is skipped would
/// widen, and a caller may be able to make it fail, so a failing forbid refuses.
pub(crate) fn answer(response: &Response, policies: &PolicySet) -> Decision {
    let mut answer = Decision {
        allow: response.decision() == CedarDecision::Allow,
        policies: response
            .diagnostics()
            .reason()
            .map(ToString::to_string)
            .collect(),
        ..Decision::default()
    };
    for error in response.diagnostics().errors() {
        answer.errors.push(error.to_string());
        let AuthorizationError::PolicyEvaluationError(error) = error;
        let policy = policies.policy(error.policy_id());
        if policy.is_none_or(|policy| policy.effect() == PolicyEffect::Forbid) {
            if answer.allow {
                answer.policies.clear();
            }
            answer.allow = false;
            answer.policies.push(error.policy_id().to_string());
        }
    }
    answer
}
