// SPDX-License-Identifier: Apache-2.0
//
// Wait queues: one lane of a channel, or a port that is only sent to. Several senders and receivers, a bounded queue,
// deadlines, threads that die, capabilities of both ends that are closed and duplicated, the end of an end in steps.
//
// stands for: ipc::Channel::send in ipc/channel.cpp
// stands for: ipc::Channel::receive in ipc/channel.cpp
// stands for: ipc::Channel::add_end in ipc/channel.cpp
// stands for: ipc::Channel::drop_end in ipc/channel.cpp
// stands for: ipc::Channel::disconnect in ipc/channel.cpp
// stands for: ipc::Channel::remove_waiting in ipc/channel.cpp
// stands for: ipc::Port::send in ipc/port.cpp
// stands for: ipc::Port::receive in ipc/port.cpp
// stands for: ipc::Port::admit_blocked_sender in ipc/port.cpp
// stands for: ipc::cancel in ipc/party.cpp
// stands for: ipc::complete in ipc/party.cpp
// stands for: ipc::party_dies in ipc/party.cpp
// stands for: kernel::Core::begin_stop in kernel/silo_stop.cpp
// stands for: kernel::reap in kernel/objects.cpp
//
// abstracted: what a message holds (it is the number of its send), priorities and registers. A kernel entry is one
// step (interrupts are masked, the channel's lock is held); between any two, every other thread may enter the kernel,
// a deadline may pass, a step of a stop or of a disconnect may run.
// bounds: two senders and two receivers with two operations each, queue of one: a third party of a kind would wait as
// the second does, a longer queue only puts the moment off at which it is full. Parties 0 and 2 live and wait for ever;
// 1 and 3 have deadlines and may die. With CLOSES the ends end instead (both together is out of reach), and each has
// one operation: enough for a full queue, and one that waits behind it. With ENDLESS nothing ends at all.
//
// verify: safety
// verify: safety -DCLOSES
// verify: progress
// verify: progress -DCLOSES
// verify: ltl every_wait_ends -DENDLESS
//
// mutation A5: safety -DCLOSES: nobody_waits_in_vain: the end of an end wakes its senders only
// mutation A5_LOSES: safety -DCLOSES: queued_before_gone: a receive says "gone" while messages are queued
// mutation B2: safety: nothing_to_the_dead: a thread that dies stays in the queue that it waits in
// mutation B2_DEADLINE: safety: linked_where_it_waits: so does one whose deadline passes
// mutation B3: safety -DCLOSES: gone_means_no_capability: the last close counts to zero in
//   one step and says "gone" in another
// mutation B4: safety -DCLOSES: nobody_waits_in_vain: an end counts as gone when no capability of either end is left
// mutation B7: safety -DCLOSES: nothing_in_a_dead_queue|nobody_waits_in_vain: a send tests in one step whether the ends
//   are alive, and queues in another
// mutation UNDISCARDED: safety -DCLOSES: nothing_in_a_dead_queue: what is queued towards an end that is gone stays
// mutation B9: safety: senders_only_while_full: a receive wakes a sender to try again, others are faster
// mutation B9_LIFO: ltl every_wait_ends -DENDLESS: acceptance cycle: the sender that came last goes first
// mutation B9_ORDER: safety: messages_in_order: the same, seen by the receiver
// mutation B9_RECEIVERS: safety: longest_waiting_first: the receiver that came last is served first
// mutation A4: progress: non-progress cycle: a full queue is asked again and again
// mutation D4: safety: senders_only_while_full: full in one step, blocked in the next, without another look
// mutation D4_UNFILLED: safety: senders_only_while_full: a receive wakes no sender
// mutation E5: safety: only_who_waits_for_it: a message goes to any blocked thread of the other end
// mutation E6: safety: receivers_only_while_empty: empty in one step, blocked in the next, without another look
// mutation E10: safety -DCLOSES: linked_where_it_waits: the wakers' list is emptied before those on it are woken
// mutation LOST: safety: nothing_is_lost: a message of an admitted sender is dropped
#include "property.inc"
#include "blocking_and_waking.inc"

// A thread: its operations, one after the other. Each begins when the one before has ended.
proctype sender(byte me) {
  byte operations;
end_sender:
  do
#ifdef ENDLESS
  :: channel_send(me, true)
#else
  :: operations < OPERATIONS ->
     operations++;
end_sender_again:
     if
     :: is_ending[me] -> break
     :: channel_send(me, true)
     :: channel_send(me, false)
#ifdef BROKEN_A4
     :: d_step { CAN_RUN(me) && len(queue) == CAPACITY -> operations-- }
#endif
     fi
#endif
  od
}

proctype receiver(byte me) {
  byte operations;
end_receiver:
  do
#ifdef ENDLESS
  :: channel_receive(me, true)
#else
  :: operations < OPERATIONS ->
     operations++;
end_receiver_again:
     if
     :: is_ending[me] -> break
     :: channel_receive(me, true)
     :: channel_receive(me, false)
     :: d_step { CAN_RUN(me) && me == 3 -> waiting[me] = ELSEWHERE; look() }    // it sleeps
     fi
#endif
  od
}

// Deadlines that pass, the ends of threads, and what the kernel does in steps.
proctype time_and_death(byte whom) {
end_time:
  do
  :: d_step { waiting[whom] != NOTHING && !is_ending[whom] -> cancel(whom); look() }
  :: d_step { !is_ending[whom] -> is_ending[whom] = true; look() }       // begin_stop: it never runs again
  :: d_step { is_ending[whom] && !is_dead[whom] -> die(whom); look() }   // end_thread
  od
}

// Holder of a capability of an end, which it may close.
proctype holder(byte end) {
  bool was_last;
  if
  :: d_step { true ->
       drop_end(end, was_last);
#ifdef BROKEN_B3
     }
     d_step { say_gone(end, was_last);
#endif
       look() }
  :: true
  fi
}

// Duplicates a capability of the receiving end, and closes the duplicate.
proctype duplicator() {
  if
#ifdef BROKEN_B3
  :: d_step { !is_gone[RECEIVING] -> references[RECEIVING]++; look() }   // out of the object, not of a capability
#else
  :: d_step { references[RECEIVING] != 0 -> references[RECEIVING]++; look() }
#endif
     run holder(RECEIVING)
  :: true
  fi
}

proctype reaper() {
end_reaper:
  do
  :: d_step { is_gone[SENDING] && is_ending_end[SENDING] -> disconnect(SENDING); look() }
  :: d_step { is_gone[RECEIVING] && is_ending_end[RECEIVING] -> disconnect(RECEIVING); look() }
  od
}

// When nothing else can happen: who still waits does so for what is not there and may yet come.
proctype judge() {
  timeout;
  d_step {
    REQUIRE(!is_gone[RECEIVING] || len(queue) == 0, nothing_in_a_dead_queue);
    REQUIRE((waiting[0] == NOTHING && waiting[2] == NOTHING) || (!is_gone[SENDING] && !is_gone[RECEIVING]),
            nobody_waits_in_vain);
    REQUIRE(references[SENDING] + references[RECEIVING] == 2 || !(waiting[0] == ROOM || waiting[2] == MESSAGE) ||
            (references[SENDING] != 0 && references[RECEIVING] != 0), nobody_waits_in_vain)
  }
}

init {
  atomic {
    waiting[0] = NOTHING; waiting[1] = NOTHING; waiting[2] = NOTHING; waiting[3] = NOTHING;
    references[SENDING] = 1; references[RECEIVING] = 1;
    run sender(0); run sender(1); run receiver(2); run receiver(3);
#ifndef ENDLESS
#ifdef CLOSES
    run holder(SENDING); run holder(RECEIVING); run duplicator(); run reaper();
#else
    run time_and_death(1); run time_and_death(3);
#endif
    run judge()
#endif
  }
}

#ifdef ENDLESS
ltl every_wait_ends {
  ([] ((waiting[0] == ROOM) -> (<> !(waiting[0] == ROOM)))) &&
  ([] ((waiting[2] == MESSAGE) -> (<> !(waiting[2] == MESSAGE))))
}
#endif
