//! The check after each step: Chime contains what the templates say, what was kept or made by hand, and nothing else.

use super::cloudformation::Account;
use super::existing::Existing;
use super::held::{Facts, add, before_as_held, difference, facts, without_mark_facts};
use super::lambda::tenths;
use serde_json::Value;
use tokio::time::sleep;

impl Account {
    /// Checks that Chime contains what the templates say, and that every response was valid.
    pub(super) async fn check(&mut self) -> Result<(), String> {
        self.lambda.wait_until_idle().await;
        self.lambda.deliver_late(|event| self.may_come_late(event)).await;
        let problems = self.lambda.take_problems();
        if !problems.is_empty() {
            return Err(problems.join("; "));
        }
        self.settle().await?;
        sleep(tenths(20) + self.pause / crate::pace::pace()).await;
        Ok(())
    }

    /// Finds out in which of the ways that are possible after a rollback Chime holds everything.
    async fn settle(&mut self) -> Result<(), String> {
        let mut slots = Vec::new();
        for ways in self.resources().map(|resource| &resource.held).chain(&self.unmanaged) {
            let mut of_slot = Vec::new();
            for existing in ways {
                of_slot.push(existing.facts(self.has_constructs).await);
            }
            slots.push(of_slot);
        }
        let held = self.comparable(facts(self.lambda.simulator.holds()));
        let mut closest: Option<Facts> = None;
        let mut combination = vec![0; slots.len()];
        loop {
            let mut expected = facts(before_as_held());
            for (slot, way) in slots.iter().zip(&combination) {
                add(&mut expected, &slot[*way]);
            }
            let problems = difference(&held, &self.comparable(expected));
            if problems.is_empty() {
                break;
            }
            if closest.as_ref().is_none_or(|closest| problems.len() < closest.len()) {
                closest = Some(problems);
            }
            // The next combination, like a counter with a digit for each slot.
            let next = (0..slots.len()).find(|at| combination[*at] + 1 < slots[*at].len());
            let Some(next) = next else {
                return Err(format!("Chime contains these facts too often (negative: too rarely): {closest:#?}"));
            };
            combination[..next].fill(0);
            combination[next] += 1;
        }
        let mut chosen = combination.into_iter();
        let stated = self.stacks.iter_mut().flat_map(|resources| resources.values_mut());
        for ways in stated.map(|resource| &mut resource.held).chain(&mut self.unmanaged) {
            *ways = vec![ways.swap_remove(chosen.next().unwrap_or_default())];
        }
        self.unmanaged.retain(|ways| ways.iter().any(Existing::is_anything));
        Ok(())
    }

    fn comparable(&self, facts: Facts) -> Facts {
        if self.is_unmarked.get() { without_mark_facts(facts) } else { facts }
    }

    /// A Delete may arrive late. A Create may do so only if it matches the current template, because each environment
    /// remembers only its own events.
    fn may_come_late(&self, event: &Value) -> bool {
        let is_stated = |stack: usize| {
            self.stacks[stack].iter().any(|(logical_id, resource)| {
                let (of, properties) = self.resource(stack, logical_id, &resource.stated);
                event["StackId"] == of.stack_id.as_str()
                    && event["LogicalResourceId"] == logical_id.as_str()
                    && of.create(&properties)["ResourceProperties"] == event["ResourceProperties"]
            })
        };
        match event["RequestType"].as_str() {
            Some("Create") => (0..self.stacks.len()).any(is_stated),
            Some("Delete") => true,
            _ => false,
        }
    }
}
