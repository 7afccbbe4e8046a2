// SPDX-License-Identifier: Apache-2.0
//
// The parts of the measuring silo (client.cpp): each measures its rows and leaves nothing behind.
#pragma once

#include "bench.hpp"
#include "handles.hpp"

namespace bench {

void measure_ports();             ///< client_ports.cpp
void measure_channels();          ///< client_channels.cpp
void measure_async_channels();    ///< client_channels.cpp
void measure_events();            ///< client_events.cpp
void measure_objects();           ///< client_objects.cpp
void measure_stream();            ///< client_stream.cpp
void measure_timer_wake_up();     ///< client_events.cpp
void measure_device_interrupt();  ///< client_events.cpp
void measure_page_faults();       ///< client_objects.cpp
void measure_restart();           ///< client_objects.cpp

}  // namespace bench
