#!/usr/bin/env bash
# Prints the figures of one part, with the conditions they were measured under: ./bench/run.sh PART [its options]
#   engine      the workflow engine alone: activity steps per second and core, allocation per step
#   sip         the SIP side alone: time and bytes per call of the core, CPU per thread of the whole path
#   journal     the group commit on SQLite and PostgreSQL: events per second, commit waits
#   history     starts, lists, search and viewer with 1,000,000 finished instances in the store
#   deliveries  callbacks stored, sent and recorded per second, in-call overhead, a dead receiver among 100;
#               options [events in-call dead] [--seconds N] [--rounds N] [--database sqlite|postgres]
#   studio      how long the designer takes to draw a flow, how late a badge moves; options [warm visits]
