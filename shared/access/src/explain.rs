//! Why a call is allowed or refused, for operators. It tells what a caller must not learn.

use std::fmt;

use cedar_policy::{
    Authorizer as Cedar, Decision as CedarDecision, Effect, Entities, Policy, PolicySet, Request,
};
use serde_json::{Map, Value};

use crate::loaded::{Asked, Loaded};
use crate::scope::{self, principal_fits, resource_fits};
use crate::{Authorizer, Decision, Principal, ResourceRef};

/// Why a call is allowed or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The decision, as [`Authorizer::authorize`] gives it.
    pub decision: Decision,
    /// What each principal of the call was answered: the user; for an agent, the agent and the user.
    /// Empty where the call names no tool or resource there is.
    pub halves: Vec<Half>,
}

/// What one principal of a call was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// The principal: `User::"alice"`.
    pub principal: String,
    /// Whether it may.
    pub allow: bool,
    /// The policies that decided.
    pub policies: Vec<String>,
    /// Of a refusal: the permits about this tool, nearest first.
    pub near: Vec<Near>,
}

/// A permit that did not help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Its `@id`.
    pub policy: String,
    /// What stood against it.
    pub because: Because,
}

/// What stood against a permit. In order of nearness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It holds, but a forbid overrules it.
    Overruled,
    /// Its condition does not hold.
    Condition,
    /// It is about other resources.
    Resource,
    /// It is about other principals.
    Principal,
}

impl Because {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Overruled => "holds, but a forbid overrules it",
            Self::Condition => "its condition does not hold",
            Self::Resource => "is about other resources",
            Self::Principal => "is about other principals",
        }
    }
}

impl Authorizer {
    /// Why this call is allowed or refused. For operators: unlike a refusal, it tells a hidden
    /// instance from a missing one.
    pub fn explain(
        &self,
        principal: &Principal,
        action: &str,
        resource: ResourceRef<'_>,
        arguments: &Map<String, Value>,
    ) -> Explanation {
        let loaded = self.loaded();
        let mut decision = Decision::clone(&loaded.decide(principal, action, resource, arguments));
        let halves = match loaded.asked(principal, action, resource, arguments) {
            Ok(Some(asked)) => halves(&loaded, &asked),
            Ok(None) => {
                decision
                    .errors
                    .push("no such instance in the inventory".to_owned());
                Vec::new()
            }
            // Already among the decision's errors.
            Err(_) => Vec::new(),
        };
        Explanation { decision, halves }
    }
}

fn halves(loaded: &Loaded, asked: &Asked<'_>) -> Vec<Half> {
    let halves = asked.view.halves.iter();
    halves
        .filter_map(|caller| {
            let answer = loaded.respond(asked, caller).ok()?;
            let near = if answer.allow {
                Vec::new()
            } else {
                let (request, slice, policies) = loaded.put(asked, caller).ok()?;
                near(policies, &request, &slice)
            };
            Some(Half {
                principal: caller.entity.uid().to_string(),
                allow: answer.allow,
                policies: answer.policies,
                near,
            })
        })
        .collect()
}

fn near(policies: &PolicySet, request: &Request, slice: &Entities) -> Vec<Near> {
    let (Some(principal), Some(resource)) = (request.principal(), request.resource()) else {
        return Vec::new();
    };
    let permits = policies
        .policies()
        .filter(|policy| policy.effect() == Effect::Permit);
    let mut near: Vec<Near> = permits
        .map(|policy| Near {
            policy: policy.id().to_string(),
            because: if !principal_fits(policy, principal, slice) {
                Because::Principal
            } else if !resource_fits(policy, resource, slice) {
                Because::Resource
            } else if holds(policy, policies, request, slice) {
                Because::Overruled
            } else {
                Because::Condition
            },
        })
        .collect();
    near.sort_by(|a, b| (a.because, &a.policy).cmp(&(b.because, &b.policy)));
    near
}

/// Whether a permit, alone, allows the request.
fn holds(policy: &Policy, policies: &PolicySet, request: &Request, slice: &Entities) -> bool {
    scope::keep(policies, |other| other.id() == policy.id()).is_ok_and(|alone| {
        let response = Cedar::new().is_authorized(request, &alone, slice);
        response.decision() == CedarDecision::Allow
    })
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", if self.decision.allow { "allow" } else { "deny" })?;
        for error in &self.decision.errors {
            writeln!(f, "  error: {error}")?;
        }
        for half in &self.halves {
            let verdict = if half.allow { "allow" } else { "deny" };
            let by = if half.policies.is_empty() {
                "no policy permits it".to_owned()
            } else {
                format!("by {}", half.policies.join(", "))
            };
            writeln!(f, "  {}: {verdict}, {by}", half.principal)?;
            for near in &half.near {
                writeln!(f, "    {}: {}", near.policy, near.because.as_str())?;
            }
        }
        Ok(())
    }
}
