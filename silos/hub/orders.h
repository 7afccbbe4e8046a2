/* SPDX-License-Identifier: Apache-2.0
 *
 * What the hub of a greenhouse can be asked: opcodes of its port.
 */
#pragma once

enum order {
  order_report = 1, /* answer: samples taken, the last one, times that the door was opened, ticks */
  order_stop = 2,
};
