// SPDX-License-Identifier: Apache-2.0
//
// The report for a program (report.hpp).
#include "tools/granary/capabilities.hpp"
#include "tools/granary/json.hpp"
#include "tools/granary/links.hpp"
#include "tools/granary/reach.hpp"
#include "tools/granary/report.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

void silo_json(const Report& report, std::size_t number, const Reach& reach, Json& json) {
  const Silo& silo = report.manifest.silos[number];
  json.open('{').pair("name", silo.name).pair("core", silo.threads.front().core).open("threads", '[');
  for (const Thread& thread : silo.threads) {
    json.open('{').pair("name", thread.name).pair("priority", thread.priority).pair("stack_bytes", thread.stack_bytes);
    for (const StackBound& bound : report.stacks)
      if (bound.silo == silo.name && bound.thread == thread.name)
        json.pair("stack_bound_bytes", bound.bytes).pair("stack_bound_is_complete", bound.unknown.empty());
    if (thread.budget.period != 0) json.pair("budget_us", thread.budget.amount).pair("period_us", thread.budget.period);
    json.close('}');
  }
  json.close(']').pair("memory_bytes", report.layouts[number].memory_bytes()).open("regions", '[');
  for (const Region& region : report.layouts[number].regions)
    json.open('{')
        .pair("name", region.name)
        .pair("address", hexadecimal(region.address))
        .pair("bytes", region.bytes)
        .pair("writable", (region.access & kWrite) != 0)
        .pair("executable", (region.access & kExecute) != 0)
        .close('}');
  json.close(']').open("capabilities", '[');
  for (const Capability& capability : capabilities_of(report.manifest, silo)) {
    json.open('{').pair("slot", capability.slot).pair("name", capability.name).pair("type", type_word(capability.type));
    json.pair("badge", capability.badge).open("rights", '[');
    for (const std::string& right : rights_words(capability.rights)) json.value(right);
    json.close(']').close('}');
  }
  json.close(']').open("devices", '[');
  for (const Device& device : report.manifest.devices)
    if (device.silo.name == silo.name) json.value(device.name);
  json.close(']').open("reaches", '[');
  for (const std::string& other : reach.reached_by(silo.name)) {
    json.open('{').pair("silo", other).pair("by_the_manifest", reach.directly(silo.name, other)).open("way", '[');
    for (const std::string& step : reach.way(silo.name, other)) json.value(step);
    json.close(']').close('}');
  }
  json.close(']').close('}');
}

}  // namespace

std::string report_json(const Report& report) {
  const Manifest& manifest = report.manifest;
  const Reach reach(manifest);
  Json json;
  json.open('{').pair("system", manifest.system).pair("image_bytes", report.image_bytes).open("silos", '[');
  for (std::size_t i = 0; i < report.layouts.size(); ++i) silo_json(report, i, reach, json);
  json.close(']').open("links", '[');
  for (const Link& link : links_of(manifest)) {
    json.open('{').pair("kind", link.kind).pair("name", link.name).pair("detail", link.detail).open("users", '[');
    for (const LinkUser& user : link.users)
      json.open('{')
          .pair("silo", user.silo)
          .pair("gives", user.gives)
          .pair("takes", user.takes)
          .pair("rights", user.rights)
          .close('}');
    json.close(']').close('}');
  }
  json.close(']').open("schedules", '[');
  for (const Schedule& schedule : manifest.schedules) {
    json.open('{').pair("core", schedule.core).pair("frame_us", schedule.frame).open("windows", '[');
    for (const Schedule::Window& window : schedule.windows) {
      json.open('{').pair("start_us", window.start).pair("length_us", window.length).open("silos", '[');
      for (const Reference& silo : window.silos) json.value(silo.name);
      json.close(']').close('}');
    }
    json.close(']').close('}');
  }
  return json.close(']').close('}').text() + "\n";
}

}  // namespace tool
