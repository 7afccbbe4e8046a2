// SPDX-License-Identifier: Apache-2.0
//
// Calls and replies when anybody may end at any step: callers with and without a deadline, a server of two receiving
// threads that answers, keeps or forges tokens, a port that is destroyed, a silo that stops. A token is good once.
//
// stands for: ipc::Port::call in ipc/port.cpp
// stands for: ipc::Port::receive in ipc/port.cpp
// stands for: ipc::Port::deliver in ipc/port.cpp
// stands for: ipc::Port::reply_and_receive in ipc/port.cpp
// stands for: ipc::Port::destroy in ipc/port.cpp
// stands for: ipc::reply in ipc/port.cpp
// stands for: ipc::cancel in ipc/party.cpp
// stands for: ipc::party_dies in ipc/party.cpp
// stands for: kernel::handle<abi::SystemCall::PORT_CALL> in kernel/port_calls.cpp
// stands for: kernel::Core::begin_stop in kernel/silo_stop.cpp
// stands for: kernel::Core::end_next_thread in kernel/silo_stop.cpp
// stands for: kernel::Core::end_thread in kernel/core.cpp
// stands for: kernel::destroy_port in kernel/port_objects.cpp
//
// abstracted: words of messages, sends (blocking_and_waking.pml), priorities and donation. A kernel entry is one step.
// bounds: two callers, of one call and of two; two server threads, with two receives and two replies, and one of each;
// two records a thread. So "queued", "handed over", "second call of the same caller" and "records full" all occur.
// Caller 0 lives and waits for ever, caller 1 has deadlines and may die, with FORGES it also replies once; with
// DESTROYS it does not die, and the port may be destroyed (all together is out of reach). The server's silo stops in
// the end, if not before, so every call must end: one that does not is an invalid end state.
//
// verify: safety -DFORGES
// verify: safety -DDESTROYS
// verify: progress
//
// mutation B2: safety: linked_where_it_waits: a caller whose deadline passes stays in the port's queue
// mutation B7: safety -DDESTROYS: invalid end state: a call tests in one step whether the
//   port is alive, and queues in another
// mutation C1_A: safety: invalid end state: the server's death overlooks a caller that has sent and does not yet wait
// mutation C1_B: safety: invalid end state: only the death of the port's first thread lets its callers go
// mutation C1_C: safety -DDESTROYS: invalid end state: destroying a port forgets the queued calls
// mutation C1_D: safety: deadlines_pass: a deadline counts in the queue only, not after the call was taken
// mutation C2: safety -DFORGES: reply_is_the_servers: a reply is looked up by caller, and anybody may give it
// mutation C2_PLANTED: safety: reply_reaches_its_call: a reply to a caller that is gone answers its next call
// mutation C2_TWICE: safety: token_is_good_once: a token stays good after the reply
// mutation C10: safety: record_for_each_waiting: a thread has room for one caller, and a second one takes its place
// mutation D3: safety: call_ends_once|reply_reaches_its_call: a record whose caller has given up still leads to it
// mutation D5: safety: result_is_permitted: a deadline is told as if the port were gone
// mutation E6: safety: queued_only_while_busy: a call is queued although a receiver waits
// mutation E10: safety: call_ends_once: a stop lets go whom it has taken from the lists, whatever became of it
#include "property.inc"
#define THREADS 4          // 0, 1 call; 2, 3 serve
#define CALLS(client) (client == 0 -> 1 : 2)
#define TURNS(server) (server == 2 -> 2 : 1)   // receives, and replies
#define RECORDS 2          // abi::kOwedRepliesMaximum
#define AT(server, number) ((server) * RECORDS + (number))

mtype = { NOTHING, CALL_QUEUED, REPLY, PORT_MESSAGE };    // Party::waiting
bool call_ends_once, result_is_permitted, reply_reaches_its_call, reply_is_the_servers, token_is_good_once,
     linked_where_it_waits, record_for_each_waiting, deadlines_pass, queued_only_while_busy;

mtype waiting[THREADS] = NOTHING;
bool is_ending[THREADS], is_dead[THREADS];
byte server_of[2], token_of[2];          // of a caller that waits for a reply
byte serial[2];                          // the oracle: which of its calls a caller is in
byte token[THREADS * RECORDS];           // the records; 0: free
byte caller[THREADS * RECORDS];
byte record_serial[THREADS * RECORDS];   // the oracle
byte last_token[THREADS];
byte spent[THREADS];                     // the oracle: a bit for each token that was used
bool is_alive = true, is_reaped;
chan queue = [2] of { byte };
chan receivers = [2] of { byte };
byte found, record, other;               // scratch
bool may_call[2];
#ifdef BROKEN_C1_A
bool on_its_way[2], is_early[2];
#endif
#ifdef BROKEN_C2_PLANTED
byte planted[2];
#endif

#define CAN_RUN(thread) (waiting[thread] == NOTHING && !is_ending[thread])
#define IS_FULL(server) (token[AT(server, 0)] != 0 && token[AT(server, 1)] != 0)
#define POINTS(server, number, who) (token[AT(server, number)] != 0 && caller[AT(server, number)] == who)
#define RECORDS_OF(who) (POINTS(2, 0, who) + POINTS(2, 1, who) + POINTS(3, 0, who) + POINTS(3, 1, who))

inline look() {
  REQUIRE((waiting[0] != CALL_QUEUED) == !(queue??[0]) && (waiting[1] != CALL_QUEUED) == !(queue??[1]) &&
          (waiting[2] != PORT_MESSAGE) == !(receivers??[2]) && (waiting[3] != PORT_MESSAGE) == !(receivers??[3]),
          linked_where_it_waits);
#if !defined(BROKEN_C1_A) && !defined(BROKEN_C2_TWICE) && !defined(BROKEN_D3)    // it would hide what follows
  REQUIRE((waiting[0] == REPLY) == RECORDS_OF(0) && (waiting[1] == REPLY) == RECORDS_OF(1), record_for_each_waiting);
#endif
  REQUIRE(len(queue) == 0 || len(receivers) == 0, queued_only_while_busy)
}

inline end_call(who) {
#ifdef BROKEN_C1_A
  if
  :: on_its_way[who] -> is_early[who] = true
  :: else -> skip
  fi;
#else
  REQUIRE(waiting[who] == CALL_QUEUED || waiting[who] == REPLY, call_ends_once);
#endif
  waiting[who] = NOTHING;
  server_of[who] = 0;
  token_of[who] = 0
}

inline end_with_epipe(who) {
  REQUIRE(!is_alive || is_ending[2], result_is_permitted);
  end_call(who)
}

inline spend(at) {
  token[at] = 0;
  caller[at] = 0;
  record_serial[at] = 0
}

// Port::deliver of a call: it becomes a record among what the server owes.
inline deliver(who, to) {
#ifdef BROKEN_C10
  record = AT(to, 0);
#else
  record = (token[AT(to, 0)] == 0 -> AT(to, 0) : AT(to, 1));
#endif
  last_token[to]++;
  token[record] = last_token[to];
  caller[record] = who;
  record_serial[record] = serial[who];
  waiting[who] = REPLY;
  server_of[who] = to;
  token_of[who] = last_token[to];
  waiting[to] = NOTHING;
  record = 0
}

inline call(who) {
  d_step {
    CAN_RUN(who) ->
    serial[who]++;
    may_call[who] = is_alive;
#ifdef BROKEN_B7
  }
  d_step {
#endif
    if
#ifdef BROKEN_C2_PLANTED
    :: may_call[who] && planted[who] != 0 ->
       REQUIRE(planted[who] == serial[who], reply_reaches_its_call); planted[who] = 0
#endif
#ifndef BROKEN_E6
    :: may_call[who] && len(receivers) != 0 -> receivers?found; deliver(who, found); found = 0
#else
    :: may_call[who] && len(receivers) != 0 -> queue!who; waiting[who] = CALL_QUEUED
#endif
    :: may_call[who] && len(receivers) == 0 -> queue!who; waiting[who] = CALL_QUEUED
    :: !may_call[who] -> skip            // EPIPE
    fi;
    may_call[who] = false;
#ifdef BROKEN_C1_A
    on_its_way[who] = (waiting[who] == REPLY);
    if
    :: on_its_way[who] -> waiting[who] = NOTHING
    :: else -> skip
    fi
  }
  d_step {
    if
    :: on_its_way[who] && !is_early[who] -> waiting[who] = REPLY
    :: else -> skip
    fi;
    on_its_way[who] = false; is_early[who] = false;
#endif
    look()
  }
}

inline receive(server) {
  if
  :: len(queue) != 0 && !IS_FULL(server) -> queue?found; deliver(found, server); found = 0
  :: len(queue) == 0 && is_alive && !IS_FULL(server) -> receivers!server; waiting[server] = PORT_MESSAGE
  :: else -> skip                        // EPIPE, EBUSY
  fi
}

// found: 1 if the token led to a record.
inline reply(server, which) {
  found = 0;
  record = (token[AT(server, 0)] == which -> AT(server, 0) : AT(server, 1));
#ifdef BROKEN_C2
  record = (token[AT(2, 0)] == which -> AT(2, 0) : record);
#endif
  if
  :: which != 0 && token[record] == which ->
     REQUIRE(!((spent[server] >> which) & 1), token_is_good_once);
     spent[server] = spent[server] | (1 << which);
     found = 1;
     other = caller[record];
     if
     :: other != NOBODY ->
#ifndef BROKEN_C1_A
        REQUIRE(waiting[other] == REPLY && serial[other] == record_serial[record], reply_reaches_its_call);
#endif
        REQUIRE(server_of[other] == server, reply_is_the_servers);
        end_call(other)
#ifdef BROKEN_C2_PLANTED
     :: other == NOBODY -> planted[1] = record_serial[record]
#endif
     :: else -> skip                     // EPIPE: the caller is gone
     fi;
     other = 0;
#ifndef BROKEN_C2_TWICE
     spend(record)
#endif
  :: else -> skip                        // EINVAL
  fi;
  record = 0
}

inline cancel(thread) {
  if
#ifndef BROKEN_B2
  :: waiting[thread] == CALL_QUEUED -> queue??eval(thread); end_call(thread)
#else
  :: waiting[thread] == CALL_QUEUED -> end_call(thread)
#endif
  :: waiting[thread] == REPLY ->
#ifndef BROKEN_D3
     record = AT(server_of[thread], 0);
     record = (token[record] == token_of[thread] -> record : record + 1);
     caller[record] = NOBODY;
     record = 0;
#endif
     end_call(thread)
  :: waiting[thread] == PORT_MESSAGE -> receivers??eval(thread); waiting[thread] = NOTHING
  :: waiting[thread] == NOTHING -> skip
  fi
}

inline release(at) {
  if
#ifdef BROKEN_C1_A
  :: token[at] != 0 && caller[at] != NOBODY && waiting[caller[at]] == REPLY -> end_with_epipe(caller[at]); spend(at)
#else
  :: token[at] != 0 && caller[at] != NOBODY -> end_with_epipe(caller[at]); spend(at)
#endif
  :: else -> spend(at)
  fi
}

inline thread_dies(thread) {
  cancel(thread);
#ifdef BROKEN_C1_B
  if
  :: thread == 2 -> release(AT(thread, 0)); release(AT(thread, 1))
  :: else -> skip
  fi;
#else
  release(AT(thread, 0));
  release(AT(thread, 1));
#endif
  is_dead[thread] = true
}

proctype client(byte me) {
  byte calls;
  bool has_forged;
  do
  :: calls < CALLS(me) ->
     calls++;
     if
     :: call(me)
     :: is_ending[me] -> break
     fi
#ifdef FORGES
  :: me == 1 && !has_forged ->
     has_forged = true;
     if
     :: d_step { CAN_RUN(me) -> reply(me, 1); found = 0; look() }    // it owes no reply, whatever it names
     :: is_ending[me] -> break
     fi
#endif
  :: calls == CALLS(me) -> break
  od;
  CAN_RUN(me) || is_ending[me]
}

proctype server(byte me) {
  byte receives, replies;
  do
  :: d_step { CAN_RUN(me) && receives < TURNS(me) -> receives++; receive(me); look() }
  :: d_step { CAN_RUN(me) && replies < TURNS(me) -> replies++; reply(me, 1); found = 0; look() }
  :: d_step { CAN_RUN(me) && replies < TURNS(me) -> replies++; reply(me, 2); found = 0; look() }
  :: d_step { CAN_RUN(me) && replies < TURNS(me) && receives < TURNS(me) ->          // reply_and_receive
       replies++;
       reply(me, last_token[me]);
       if
       :: found == 1 -> found = 0; receives++; receive(me)
       :: else -> skip
       fi;
       look() }
  :: is_ending[me] -> break
  od
}

active proctype deadlines() {
end_deadlines:
  do
#ifdef BROKEN_D5
  :: d_step { waiting[1] == CALL_QUEUED && !is_ending[1] -> queue??1; end_with_epipe(1); look() }
#endif
#ifdef BROKEN_C1_D
  :: d_step { waiting[1] == CALL_QUEUED && !is_ending[1] -> cancel(1); look() }
#else
  :: d_step { waiting[1] != NOTHING && !is_ending[1] -> cancel(1); look() }
#endif
  od
}

#ifndef DESTROYS
active proctype end_of_a_caller() {
  if
  :: d_step { true -> is_ending[1] = true; look() }
     d_step { thread_dies(1); look() }
  :: true
  fi
}
#else
active proctype destroyer() {
  if
  :: d_step { true -> is_alive = false; is_reaped = false; look() }
  :: true
  fi
}

#endif

// Port::destroy in steps. What it has worked off it does not look at again, until the port begins to end once more.
active proctype reaper() {
end_reaper:
  do
  :: d_step { !is_alive && !is_reaped ->
       if
       :: len(receivers) != 0 -> receivers?found; waiting[found] = NOTHING
#ifndef BROKEN_C1_C
       :: len(receivers) == 0 && len(queue) != 0 -> queue?found; end_with_epipe(found)
#endif
       :: else -> is_reaped = true
       fi;
       found = 0;
       look() }
  od
}

// The silo of the server stops: at any time, or when nothing else can happen. First no thread of it runs any more, then
// each ends, then its capabilities go, and with the last that may receive, the port.
active proctype stop() {
#ifdef BROKEN_E10
  byte victim = NOBODY;
#endif
  if
  :: true
  :: true -> timeout -> d_step { REQUIRE(waiting[1] == NOTHING, deadlines_pass) }
  fi;
  d_step { is_ending[2] = true; is_ending[3] = true;
#ifdef BROKEN_E10
    victim = (token[AT(2, 0)] != 0 && caller[AT(2, 0)] != NOBODY -> caller[AT(2, 0)] : NOBODY);
#endif
    look() }
#ifdef BROKEN_E10
  d_step {
    if
    :: victim != NOBODY -> end_call(victim); spend(AT(2, 0))
    :: else -> skip
    fi;
    look() }
#endif
  d_step { thread_dies(2); look() }
  d_step { thread_dies(3); look() }
  d_step { is_alive = false; is_reaped = false; look() }
}

init {
  atomic { run client(0); run client(1); run server(2); run server(3) }
}
