//! The products that come with Plumbline, and files that people bring.

use crate::profile::{BadRole, Profile};
use crate::{Covered, Headline, Need, Problem, RoleChoice, Support, Tuning};
use std::sync::OnceLock;

/// All products known in this run.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub profiles: Vec<Profile>,
    /// How long the makers of a component mend it.
    pub support: Support,
}

const FILES: [(&str, &str); 3] = [
    ("catalog/dusk.toml", include_str!("../catalog/dusk.toml")),
    ("catalog/statemesh.toml", include_str!("../catalog/statemesh.toml")),
    ("catalog/reforms.toml", include_str!("../catalog/reforms.toml")),
];
const SUPPORT: (&str, &str) = ("catalog/support.toml", include_str!("../catalog/support.toml"));

/// The built-in products.
#[expect(clippy::panic, reason = "the files are part of the program, and a test reads every one of them")]
pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| match built_in() {
        Ok(catalog) => catalog,
        Err(problems) => panic!("{}", problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")),
    })
}

fn built_in() -> Result<Catalog, Vec<Problem>> {
    let mut catalog = Catalog { profiles: Vec::new(), support: Support::parse(SUPPORT.0, SUPPORT.1)? };
    for (file, text) in FILES {
        catalog.add(file, crate::parse(file, text)?)?;
    }
    Ok(catalog)
}

/// The needs of a built-in role.
pub fn needs(choice: &RoleChoice) -> Result<Vec<Need>, BadRole> {
    catalog().needs(choice)
}

impl Catalog {
    pub fn product(&self, id: &str) -> Result<&Profile, BadRole> {
        let missing = || BadRole::NoSuchProduct {
            name: id.to_owned(),
            nearest: crate::nearest(id, self.profiles.iter().map(|profile| profile.id.as_str())),
        };
        self.profiles.iter().find(|profile| profile.id == id).ok_or_else(missing)
    }

    pub fn needs(&self, choice: &RoleChoice) -> Result<Vec<Need>, BadRole> {
        self.product(&choice.product)?.needs(choice)
    }

    pub fn tunings(&self, choice: &RoleChoice) -> Result<Vec<Tuning>, BadRole> {
        self.product(&choice.product)?.tunings(choice)
    }

    pub fn headlines(&self, choice: &RoleChoice) -> Result<Vec<Headline>, BadRole> {
        self.product(&choice.product)?.headlines(choice)
    }

    /// Every role of every product at its default size, in the order of the catalogue.
    pub fn roles(&self) -> Vec<RoleChoice> {
        let choice = |profile: &Profile, role: &str| RoleChoice {
            product: profile.id.clone(),
            role: role.to_owned(),
            scale: Default::default(),
            options: Default::default(),
        };
        let completed = |profile: &Profile, role: &str| {
            let choice = choice(profile, role);
            // Only the scale is filled in: options that stay at their default stay out of the id.
            profile.complete(&choice).map(|complete| RoleChoice { scale: complete.scale, ..choice })
        };
        let each = |profile: &Profile| -> Vec<RoleChoice> {
            profile.roles.iter().filter_map(|role| completed(profile, &role.id).ok()).collect()
        };
        self.profiles.iter().flat_map(each).collect()
    }

    /// Every role under every single choice of its options: what a server that is read only once has to be asked for.
    pub fn every_choice(&self) -> Vec<RoleChoice> {
        let mut choices = Vec::new();
        for role in self.roles() {
            let Ok(profile) = self.product(&role.product) else { continue };
            for option in profile.options_of(&role.role) {
                let others = option.choices.iter().filter(|(id, _)| *id != option.default);
                choices.extend(others.map(|(id, _)| {
                    let mut other = role.clone();
                    other.options.insert(option.id.clone(), id.clone());
                    other
                }));
            }
            choices.push(role);
        }
        choices
    }

    /// How every catalogue row is covered.
    pub fn coverage(&self) -> Vec<Covered> {
        self.profiles.iter().flat_map(|profile| profile.coverage().iter().cloned()).collect()
    }

    /// Takes a product out, so that a newer version of its file can be tried in its place.
    pub fn remove(&mut self, product: &str) {
        self.profiles.retain(|profile| profile.id != product);
    }

    /// Takes a file that a person brought: a product of its own, or needs that are added to one that is there.
    pub fn add(&mut self, file: &str, profile: Profile) -> Result<(), Vec<Problem>> {
        let problem = |message: String, hint: &str| {
            vec![Problem { file: file.to_owned(), line: 1, message, hint: hint.to_owned() }]
        };
        let there = self.profiles.iter_mut().find(|other| other.id == profile.id);
        match (there, &profile.adds_to) {
            (None, None) => self.profiles.push(profile),
            (Some(_), None) => {
                let message = format!("the product \"{}\" is there already", profile.id);
                return Err(problem(message, "write adds_to instead of product to add needs to it"));
            }
            (None, Some(name)) => {
                return Err(problem(format!("there is no product \"{name}\" to add to"), "plumb roles lists them"));
            }
            (Some(there), Some(_)) => {
                there.take_in(profile).map_err(|message| problem(message, "give it another id"))?
            }
        }
        Ok(())
    }
}

impl Profile {
    /// Adds the needs, options and changes of another file, or says which id stands in both.
    fn take_in(&mut self, other: Profile) -> Result<(), String> {
        let ids = self.need_ids();
        if let Some(id) = other.need_ids().intersection(&ids).next() {
            return Err(format!("the need \"{id}\" is there already"));
        }
        let roles = other.needs.iter().flat_map(|need| &need.whom.roles);
        if let Some(role) = roles.into_iter().find(|role| self.role(role).is_none()) {
            return Err(format!("{} has no role \"{role}\"", self.title));
        }
        if let Some(option) = other.options.iter().find(|o| self.options.iter().any(|own| own.id == o.id)) {
            return Err(format!("the option \"{}\" is there already", option.id));
        }
        self.needs.extend(other.needs);
        self.options.extend(other.options);
        self.tunings.extend(other.tunings);
        self.documents.extend(other.documents);
        self.covered.extend(other.covered);
        Ok(())
    }
}
