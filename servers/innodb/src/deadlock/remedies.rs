//! What people can do about a kind of deadlock. Nothing here is ever run.
//!
//! Source: MySQL Reference Manual, "How to Minimize and Handle Deadlocks".

use storex_tool::Finding;

use super::Pattern;

const RUNBOOK: &str = "innodb_deadlocks";

type Step = (&'static str, &'static str, &'static str);

const RETRY: Step = (
    "in the client, run the whole transaction again on error 1213, after a short random pause",
    "safe: the victim was rolled back completely",
    "the work of the victim is done twice; hides the cause at a high rate",
);
const SHORTER: Step = (
    "make the transactions shorter: commit sooner, no remote calls in between",
    "safe where the parts need not be atomic",
    "a change of the program",
);

const ONE_ORDER: Step = (
    "make both programs lock in one order, for example rows by ascending primary key, tables by \
     name",
    "safe; removes the cause",
    "a change of the program that locks the other way round",
);
const ONE_INDEX: Step = (
    "have both statements reach the rows by the same index: read the primary keys first, then \
     change by primary key",
    "safe",
    "one more round trip",
);
const SORTED: Step = (
    "lock the rows in one order (SELECT … ORDER BY <primary key> FOR UPDATE first), or change them \
     in smaller batches",
    "safe; batches are atomic one by one only",
    "a change of the program",
);
const INDEX: Step = (
    "add an index for the WHERE clause, so that fewer rows are locked",
    "online in most cases; test the plan",
    "disk space and slower writes to the table",
);
const READ_COMMITTED: Step = (
    "use READ COMMITTED in these transactions (SET TRANSACTION ISOLATION LEVEL READ COMMITTED): \
     searches then lock no gaps",
    "per session, can be taken back; the transaction may see rows that others commit meanwhile; \
     needs row-based binary logging",
    "none",
);
const INSERT_FIRST: Step = (
    "insert first and handle the duplicate (INSERT … ON DUPLICATE KEY UPDATE), instead of SELECT … \
     FOR UPDATE of a row that is not there",
    "safe",
    "a change of the program",
);
const EXCLUSIVE_FIRST: Step = (
    "lock exclusively from the start: SELECT … FOR UPDATE instead of FOR SHARE; with foreign keys, \
     change the parent row before the child",
    "safe",
    "readers with FOR SHARE wait for each other",
);
const SORTED_KEYS: Step = (
    "have one worker insert a key, or send keys in ascending order within a transaction",
    "safe",
    "a change of the program",
);
const PARENT_FIRST: Step = (
    "change the parent row before its children, in every program",
    "safe",
    "a change of the program; the parent is locked for longer",
);
const INTERLEAVED: Step = (
    "innodb_autoinc_lock_mode = 2 with binlog_format = ROW",
    "safe with row-based binary logging; ids of one statement may have gaps",
    "needs a restart",
);
const NO_TABLE_LOCKS: Step = (
    "drop LOCK TABLES from the program, or take all locks in one LOCK TABLES",
    "safe where row locks suffice",
    "a change of the program",
);

/// Adds the steps that fit, what removes the cause first.
pub(super) fn with_remedies(finding: Finding, pattern: Pattern) -> Finding {
    let steps: &[Step] = match pattern {
        Pattern::OppositeOrder => &[ONE_ORDER, RETRY],
        Pattern::DifferentIndexes => &[ONE_INDEX, RETRY],
        Pattern::ManyRows => &[SORTED, INDEX, RETRY],
        Pattern::GapInsert => &[READ_COMMITTED, INSERT_FIRST, RETRY],
        Pattern::SharedUpgrade => &[EXCLUSIVE_FIRST, RETRY],
        Pattern::DuplicateKey => &[SORTED_KEYS, RETRY],
        Pattern::ForeignKeyParent => &[PARENT_FIRST, RETRY],
        Pattern::AutoIncrement => &[INTERLEAVED, RETRY],
        Pattern::WholeTable => &[NO_TABLE_LOCKS, RETRY],
        Pattern::Unclear => &[RETRY, SHORTER],
    };
    let add = |finding: Finding, (step, safety, cost): &Step| {
        finding.remedy(*step, *safety, *cost, RUNBOOK)
    };
    steps.iter().fold(finding, add)
}
