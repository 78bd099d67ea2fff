//! The whole incident suite as one table: every incident on every flavour, what the tools said of it,
//! what that costs a reader, and the false alarms before.
//!
//! `cargo bench -p storex-integration-tests --bench incidents [-- WORD...]` runs those whose incident
//! or flavour is one of the words, or all; it fails when an answer is not right.

#![expect(clippy::print_stdout, reason = "figures are printed")]

use anyhow::{Result, ensure};
use storex_integration_tests::incidents::{INCIDENTS, heading, prove};

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    let mut failed = 0;
    println!("{}", heading());
    for incident in INCIDENTS {
        let name = incident.case.name;
        for flavour in incident.flavours {
            if !wanted(name) && !wanted(flavour.name()) {
                continue;
            }
            match prove(&incident.case, *flavour).await {
                Ok(None) => println!("{name} on {}: its stage cannot be set", flavour.name()),
                Ok(Some(outcome)) => {
                    failed += usize::from(outcome.check().is_err());
                    println!("{outcome}");
                }
                Err(error) => {
                    failed += 1;
                    println!("{name} on {}: {error:#}", flavour.name());
                }
            }
        }
    }
    ensure!(failed == 0, "{failed} proofs failed");
    Ok(())
}
