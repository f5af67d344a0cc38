//! Several roles on one server: what gets in each other's way (the requirement catalogue, section 5).

use profiles::RoleChoice;

/// What running these roles together means, worst first; empty when they do not meet.
pub fn together(roles: &[RoleChoice]) -> Vec<Conflict> {
    let has = |product: &str| roles.iter().any(|role| role.product == product);
    let role = |product: &str, name: &str| roles.iter().any(|role| role.product == product && role.role == name);
    let conflict = |refused, sentence: &str| Conflict { refused, sentence: sentence.to_owned() };
    let mut conflicts = Vec::new();
    if roles.len() < 2 {
        return conflicts;
    }
    if has("statemesh") {
        conflicts.push(conflict(
            true,
            "StateMesh takes the whole machine: it switches SSH off, may encrypt disks, and ends what else runs. Give it a server of its own.",
        ));
    }
    if has("dusk") && has("reforms") {
        conflicts.push(conflict(
            false,
            "Dusk and Reforms both set network buffers; the larger value serves both. Their hardware adds up, and the firewall has to hold both sets of ports.",
        ));
    }
    if role("dusk", "provisioner") && role("dusk", "archiver") {
        conflicts.push(conflict(
            false,
            "Questions to the archive take time that the provisioner needs to agree on blocks. Two servers are better.",
        ));
    }
    let ports: Vec<&str> = roles
        .iter()
        .flat_map(|role| role.options.iter())
        .filter(|(name, _)| name.ends_with("_port"))
        .map(|(_, v)| v.as_str())
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    for port in ports {
        if !seen.insert(port) {
            conflicts.push(conflict(true, &format!("Two of the roles want port {port}. Give one of them another.")));
        }
    }
    conflicts.push(conflict(false, "Running two together needs the sum of both."));
    conflicts
}

/// One thing to know before putting roles on the same server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Whether they cannot share a server at all.
    pub refused: bool,
    pub sentence: String,
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn statemesh_shares_with_nobody() {
        let roles = |ids: &[&str]| ids.iter().map(|id| id.parse().expect("a role")).collect::<Vec<_>>();
        assert!(together(&roles(&["statemesh/node-minimum", "dusk/prover"])).iter().any(|c| c.refused));
        assert!(together(&roles(&["dusk/provisioner", "reforms/small"])).iter().all(|c| !c.refused));
        assert_eq!(together(&roles(&["dusk/provisioner", "dusk/archiver"])).len(), 2);
        assert!(
            together(&roles(&["reforms/small?app_port=9100", "dusk/archiver?http_port=9100"]))
                .iter()
                .any(|c| c.refused)
        );
        assert!(together(&roles(&["dusk/prover"])).is_empty());
    }
}
