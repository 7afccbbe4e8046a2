/* SPDX-License-Identifier: Apache-2.0
 *
 * The hub of a greenhouse in C: functions that are called when there is something to do (hub.cpp has tasks for it).
 */
#define GRANARY_LOG_TAG "hub"
#include <granary/log.h>
#include <granary/loop.h>

#include "handles.h"
#include "orders.h"

static uint64_t samples, celsius, openings, ticks;

static void on_sample(struct granary_loop* loop, void* context) {
  struct granary_delivery sample;
  const granary_status status = granary_chan_try_recv(HANDLE_SAMPLES_C, &sample);
  (void)context;
  if (status == GRANARY_EPIPE) {
    granary_log_warning("no more samples: %s", granary_status_name(status));
    granary_loop_forget(loop, HANDLE_SAMPLES_C); /* it would be ready for ever */
  }
  if (status != GRANARY_OK) return;
  ++samples;
  celsius = sample.message.word[0];
}

static void on_door(struct granary_loop* loop, void* context) {
  uint64_t bits;
  (void)loop, (void)context;
  if (granary_notification_wait(HANDLE_DOOR_C, 1, GRANARY_DEADLINE_DO_NOT_BLOCK, &bits) != GRANARY_OK) return;
  ++openings;
  granary_log_info("the door was opened, at %d degrees", (int)celsius);
}

static void on_tick(struct granary_loop* loop, void* context) {
  (void)loop, (void)context;
  ++ticks;
}

static void on_order(struct granary_loop* loop, void* context) {
  struct granary_delivery order;
  (void)context;
  if (granary_port_try_receive(HANDLE_ORDERS_C, &order) != GRANARY_OK) return;
  const struct granary_message report = {.word = {samples, celsius, openings, ticks}};
  if (order.reply_token != 0) granary_port_reply(&report, order.reply_token);
  if (order.message.opcode == order_stop) granary_loop_stop(loop);
}

int main(void) {
  static struct granary_loop loop;
  granary_loop_watch(&loop, HANDLE_SAMPLES_C, GRANARY_EVENT_READABLE, on_sample, 0);
  granary_loop_watch(&loop, HANDLE_DOOR_C, GRANARY_EVENT_READABLE, on_door, 0);
  granary_loop_watch(&loop, HANDLE_ORDERS_C, GRANARY_EVENT_READABLE, on_order, 0);
  granary_loop_every(&loop, granary_after_us(5000), 5000, on_tick, 0);
  const granary_status status = granary_loop_run(&loop);
  granary_log_info("stopped: %s", granary_status_name(status));
  return status == GRANARY_OK ? 0 : 1;
}
