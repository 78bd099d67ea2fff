//! What a policy's scope lets in: the part before its conditions.

use cedar_policy::{
    ActionConstraint, Entities, EntityTypeName, EntityUid, Policy, PolicySet, PolicySetError,
    PrincipalConstraint, ResourceConstraint,
};

/// Whether the scope lets in an action of these groups.
pub(crate) fn action_fits(policy: &Policy, action: &EntityUid, groups: &[EntityUid]) -> bool {
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => uid == *action,
        ActionConstraint::In(uids) => uids.iter().any(|uid| uid == action || groups.contains(uid)),
    }
}

/// Whether the scope lets in this principal.
pub(crate) fn principal_fits(policy: &Policy, principal: &EntityUid, slice: &Entities) -> bool {
    let of_type = |kind: &EntityTypeName| principal.type_name() == kind;
    match policy.principal_constraint() {
        PrincipalConstraint::Any => true,
        PrincipalConstraint::Is(kind) => of_type(&kind),
        PrincipalConstraint::Eq(uid) => uid == *principal,
        PrincipalConstraint::In(group) => slice.is_ancestor_of(&group, principal),
        PrincipalConstraint::IsIn(kind, group) => {
            of_type(&kind) && slice.is_ancestor_of(&group, principal)
        }
    }
}

/// Whether the scope lets in this resource.
pub(crate) fn resource_fits(policy: &Policy, resource: &EntityUid, slice: &Entities) -> bool {
    let of_type = |kind: &EntityTypeName| resource.type_name() == kind;
    match policy.resource_constraint() {
        ResourceConstraint::Any => true,
        ResourceConstraint::Is(kind) => of_type(&kind),
        ResourceConstraint::Eq(uid) => uid == *resource,
        ResourceConstraint::In(group) => slice.is_ancestor_of(&group, resource),
        ResourceConstraint::IsIn(kind, group) => {
            of_type(&kind) && slice.is_ancestor_of(&group, resource)
        }
    }
}

/// Whether the scope lets in some resource of this type.
pub(crate) fn resource_type_fits(policy: &Policy, kind: &EntityTypeName) -> bool {
    match policy.resource_constraint() {
        ResourceConstraint::Any | ResourceConstraint::In(_) => true,
        ResourceConstraint::Is(is) | ResourceConstraint::IsIn(is, _) => is == *kind,
        ResourceConstraint::Eq(uid) => uid.type_name() == kind,
    }
}

/// Those of the policies for which `kept` holds.
///
/// # Errors
/// In words: never, for a set that loaded.
pub(crate) fn keep(
    policies: &PolicySet,
    kept: impl Fn(&Policy) -> bool,
) -> Result<PolicySet, String> {
    let mut set = PolicySet::new();
    let failed = |error: PolicySetError| error.to_string();
    for policy in policies.policies().filter(|policy| kept(policy)) {
        match (policy.template_id(), policy.template_links()) {
            (Some(template), Some(slots)) => {
                if set.template(template).is_none()
                    && let Some(text) = policies.template(template)
                {
                    set.add_template(text.clone()).map_err(failed)?;
                }
                set.link(template.clone(), policy.id().clone(), slots)
                    .map_err(failed)?;
            }
            _ => set.add(policy.clone()).map_err(failed)?,
        }
    }
    Ok(set)
}
