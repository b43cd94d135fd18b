//! Which of the agents' words are the answer to a group.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{AgentAnswer, Reply};
use crate::faq::ANSWER_MAX;

/// In how many groups agents write the same before it is taken for a greeting.
pub const GREETING_GROUPS: usize = 3;

/// The answer that agents gave in the most tickets of a group, in its last wording; of equals the longest. If no two
/// tickets have one in common, the longest reply of the ticket with the last one. `alike` says by a number which replies say
/// the same, and `greetings` which of those numbers are written everywhere; they count only if there is nothing else.
pub fn answer(replies: &[(Reply, Option<u64>)], greetings: &BTreeSet<u64>) -> Option<AgentAnswer> {
    let is_greeting = |alike: &Option<u64>| alike.is_some_and(|alike| greetings.contains(&alike));
    let mut own: Vec<&(Reply, Option<u64>)> = replies.iter().filter(|(_, alike)| !is_greeting(alike)).collect();
    if own.is_empty() {
        own = replies.iter().collect();
    }
    let mut said: BTreeMap<u64, (BTreeSet<i64>, &Reply)> = BTreeMap::new();
    for (reply, alike) in &own {
        let Some(alike) = alike else { continue };
        let (tickets, last) = said.entry(*alike).or_insert_with(|| (BTreeSet::new(), reply));
        tickets.insert(reply.ticket_id);
        if reply.at >= last.at {
            *last = reply;
        }
    }
    let shared = said.into_values().filter(|(tickets, _)| tickets.len() > 1);
    let shared = shared.max_by_key(|(tickets, last)| (tickets.len(), last.text.chars().count(), last.at));
    if let Some((tickets, last)) = shared {
        return Some(told(last, tickets.len()));
    }
    let ticket_id = own.iter().max_by_key(|(reply, _)| (reply.at, reply.ticket_id))?.0.ticket_id;
    let of_ticket = own.iter().filter(|(reply, _)| reply.ticket_id == ticket_id);
    let longest = of_ticket.max_by_key(|(reply, _)| (reply.text.chars().count(), Reverse(reply.at)))?;
    Some(told(&longest.0, 1))
}

fn told(reply: &Reply, tickets: usize) -> AgentAnswer {
    AgentAnswer { text: reply.text.trim().chars().take(ANSWER_MAX).collect(), tickets, at: reply.at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(ticket_id: i64, at: i64, text: &str, alike: u64) -> (Reply, Option<u64>) {
        (Reply { ticket_id, at, text: text.into() }, Some(alike))
    }

    #[test]
    fn the_answer_of_most_tickets_is_taken_in_its_last_words() {
        let hello = "Hello, this is Bob. How may I help you today?";
        let replies = [
            reply(1, 1, hello, 1),
            reply(1, 2, "It is in your mailbox.", 2),
            reply(2, 3, hello, 1),
            reply(2, 4, "Your mailbox has it.", 2),
            reply(3, 5, hello, 1),
        ];
        let greetings = BTreeSet::from([1]);
        let found = answer(&replies, &greetings).unwrap();
        assert_eq!((found.text.as_str(), found.tickets, found.at), ("Your mailbox has it.", 2, 4));
        let found = answer(&replies, &BTreeSet::new()).unwrap();
        assert_eq!((found.text.as_str(), found.tickets), (hello, 3), "nobody knows yet that it is a greeting");
        assert_eq!(answer(&replies[..1], &greetings).unwrap().text, hello, "better than nothing");
    }

    #[test]
    fn without_agreement_the_last_ticket_counts() {
        let replies = [
            reply(1, 1, "A very long answer from another day altogether", 1),
            reply(2, 2, "Open the settings and choose Invoices.", 2),
            reply(2, 3, "Bye!", 3),
        ];
        let found = answer(&replies, &BTreeSet::new()).unwrap();
        assert_eq!((found.text.as_str(), found.tickets), ("Open the settings and choose Invoices.", 1));
        assert_eq!(answer(&[], &BTreeSet::new()), None);
    }
}
