//! The entities decisions are made over: people, agents, teams and domains from the entity files,
//! instances from the inventory, the caller from its identity.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use cedar_policy::{
    Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression, Schema,
};

use crate::error::Place;
use crate::folder::SourceFile;
use crate::policies::line_containing;
use crate::view::Caller;
use crate::{PolicyError, PolicyFolder, Principal, Resource};

/// Entity types, parsed once.
#[derive(Debug, Clone)]
pub(crate) struct Types {
    pub(crate) user: EntityTypeName,
    pub(crate) agent: EntityTypeName,
    pub(crate) team: EntityTypeName,
    pub(crate) domain: EntityTypeName,
    pub(crate) region: EntityTypeName,
    pub(crate) cluster: EntityTypeName,
    pub(crate) instance: EntityTypeName,
    pub(crate) fleet: EntityTypeName,
    pub(crate) action: EntityTypeName,
}

impl Types {
    pub(crate) fn new() -> Result<Self, PolicyError> {
        let parse = |name: &str| {
            name.parse()
                .map_err(|error| PolicyError::Actions(format!("entity type {name}: {error}")))
        };
        Ok(Self {
            user: parse("User")?,
            agent: parse("Agent")?,
            team: parse("Team")?,
            domain: parse("RegulatoryDomain")?,
            region: parse("Region")?,
            cluster: parse("Cluster")?,
            instance: parse("Instance")?,
            fleet: parse("Fleet")?,
            action: parse("Action")?,
        })
    }

    pub(crate) fn fleet(&self) -> EntityUid {
        uid(&self.fleet, "fleet")
    }
}

/// The entity of this type and id.
pub(crate) fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// Everything but instances and callers.
pub(crate) struct World {
    pub(crate) types: Types,
    entities: Entities,
}

impl World {
    /// Reads the entity files. Domains the inventory knows and the files do not are added with
    /// nobody in them: a policy over a missing entity would be skipped, also one that forbids.
    pub(crate) fn load(
        folder: &PolicyFolder,
        schema: &Schema,
        inventory: &[Resource],
    ) -> Result<Self, PolicyError> {
        let types = Types::new()?;
        let mut all: HashMap<EntityUid, (Entity, &Path)> = HashMap::new();
        for file in &folder.entities {
            for entity in read(file, schema, &types)? {
                if let Some((_, first)) = all.get(&entity.uid()) {
                    return Err(PolicyError::Entity {
                        place: place(file, entity.uid().id().unescaped()),
                        detail: format!(
                            "{} is also in {}; merge the two",
                            entity.uid(),
                            first.display()
                        ),
                    });
                }
                all.insert(entity.uid(), (entity, &file.path));
            }
        }
        let mut entities: Vec<Entity> = all.into_values().map(|(entity, _)| entity).collect();
        let known: HashSet<EntityUid> = entities.iter().map(Entity::uid).collect();
        let domains: BTreeSet<&str> = inventory
            .iter()
            .map(|resource| resource.regulatory_domain.as_str())
            .collect();
        for domain in domains {
            let domain = uid(&types.domain, domain);
            if !known.contains(&domain) {
                tracing::warn!(%domain, "in the inventory but in no entity file: nobody is cleared for it");
                entities.push(empty_domain(domain)?);
            }
        }
        let entities = Entities::from_entities(entities, Some(schema)).map_err(|error| {
            PolicyError::Entity {
                place: Place::new(folder.dir.join("entities"), None),
                detail: chain(&error),
            }
        })?;
        Ok(Self { types, entities })
    }

    /// The entity, if a file or the inventory's domains hold it.
    pub(crate) fn get(&self, uid: &EntityUid) -> Option<&Entity> {
        self.entities.get(uid)
    }

    /// The instance and what its attributes refer to: all a policy may look at.
    pub(crate) fn instance(&self, resource: &Resource) -> Result<Vec<Entity>, PolicyError> {
        let types = &self.types;
        let own = uid(&types.instance, &resource.instance);
        let cluster = uid(&types.cluster, &resource.cluster);
        let region = uid(&types.region, &resource.region);
        let domain = uid(&types.domain, &resource.regulatory_domain);
        let owner = uid(&types.team, &resource.owner_team);
        let text = |value: &str| RestrictedExpression::new_string(value.to_owned());
        let refer = |uid: &EntityUid| RestrictedExpression::new_entity_uid(uid.clone());
        let attributes = HashMap::from([
            ("cloud".to_owned(), text(&resource.cloud)),
            ("cluster".to_owned(), refer(&cluster)),
            ("engine".to_owned(), text(&resource.engine)),
            ("environment".to_owned(), text(&resource.environment)),
            ("owner".to_owned(), refer(&owner)),
            ("region".to_owned(), refer(&region)),
            ("regulatory_domain".to_owned(), refer(&domain)),
        ]);
        let tags = resource
            .tags
            .iter()
            .map(|(key, value)| (key.clone(), text(value)));
        let referred = [self.get(&domain).cloned(), self.get(&owner).cloned()];
        let parents = HashSet::from([cluster, region, domain]);
        let instance = Entity::new_with_tags(own, attributes, parents, tags)
            .map_err(|error| PolicyError::Inventory(format!("{}: {error}", resource.instance)))?;
        let mut entities = vec![instance];
        entities.extend(referred.into_iter().flatten());
        Ok(entities)
    }

    /// The principals a call is decided for: the user; for an agent, the agent and then the user.
    pub(crate) fn caller(&self, principal: &Principal) -> Result<Vec<Caller>, PolicyError> {
        let types = &self.types;
        let user_uid = uid(&types.user, principal.user_id());
        let claimed = principal.teams.iter().map(|team| uid(&types.team, team));
        let user = Entity::new_no_attrs(user_uid.clone(), self.with_ancestors(&user_uid, claimed));
        let mut halves = Vec::new();
        if principal.is_agent() {
            let agent = uid(&types.agent, &principal.id);
            let groups = self.with_ancestors(&agent, std::iter::empty());
            let acts_for = RestrictedExpression::new_entity_uid(user_uid);
            let attributes = HashMap::from([("user".to_owned(), acts_for)]);
            let entity = Entity::new(agent, attributes, groups)
                .map_err(|error| PolicyError::Inventory(error.to_string()))?;
            halves.push(Caller {
                entity,
                referred: Some(user.clone()),
            });
        }
        halves.push(Caller {
            entity: user,
            referred: None,
        });
        Ok(halves)
    }

    /// Every group the entity is in by file or claim, with all groups those are in.
    fn with_ancestors(
        &self,
        own: &EntityUid,
        claimed: impl Iterator<Item = EntityUid>,
    ) -> HashSet<EntityUid> {
        let mut all: HashSet<EntityUid> = self.ancestors(own).collect();
        for team in claimed {
            all.extend(self.ancestors(&team));
            all.insert(team);
        }
        all
    }

    fn ancestors<'a>(&'a self, of: &EntityUid) -> impl Iterator<Item = EntityUid> + use<'a> {
        self.entities.ancestors(of).into_iter().flatten().cloned()
    }
}

fn read(file: &SourceFile, schema: &Schema, types: &Types) -> Result<Vec<Entity>, PolicyError> {
    let parsed = Entities::from_json_str(&file.text, Some(schema)).map_err(|error| {
        let message = chain(&error);
        PolicyError::Entity {
            place: Place::new(&file.path, line_of(&file.text, &message)),
            detail: message,
        }
    })?;
    let allowed = [&types.user, &types.agent, &types.team, &types.domain];
    let mut entities = Vec::new();
    for entity in parsed.iter() {
        let uid = entity.uid();
        if uid.type_name() == &types.action {
            // The schema's own actions come along.
            continue;
        }
        if !allowed.contains(&uid.type_name()) {
            return Err(PolicyError::Entity {
                place: place(file, uid.id().unescaped()),
                detail: format!(
                    "{uid} does not belong here: instances, clusters and regions come from the inventory"
                ),
            });
        }
        entities.push(entity.clone());
    }
    Ok(entities)
}

fn empty_domain(domain: EntityUid) -> Result<Entity, PolicyError> {
    let nobody = || RestrictedExpression::new_set([]);
    let attributes =
        ["cleared", "dba", "on_call", "sensitive"].map(|name| (name.to_owned(), nobody()));
    Entity::new(domain, HashMap::from(attributes), HashSet::new())
        .map_err(|error| PolicyError::Inventory(error.to_string()))
}

fn place(file: &SourceFile, id: &str) -> Place {
    Place::new(
        &file.path,
        line_containing(&file.text, &format!("\"{id}\"")),
    )
}

/// JSON errors name a line; others name an entity, whose id is looked up in the text.
fn line_of(text: &str, message: &str) -> Option<usize> {
    if let Some((_, rest)) = message.split_once(" at line ") {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        return digits.parse().ok();
    }
    message
        .split('"')
        .skip(1)
        .step_by(2)
        .find_map(|id| line_containing(text, &format!("\"{id}\"")))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
