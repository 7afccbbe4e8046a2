// SPDX-License-Identifier: Apache-2.0
//
// Reading budgets and schedules (schedule.hpp).
#include "tools/granary/schedule.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

constexpr unsigned kCores = 8;

unsigned narrow(std::uint64_t value) { return static_cast<unsigned>(value); }

abi::Overrun read_overrun(TomlTable& table) {
  const char* const example = "overrun = \"throttle\"";
  const std::string word = table.string("overrun", example).value_or("throttle");
  if (word == "throttle") return abi::Overrun::Throttle;
  if (word == "fault") return abi::Overrun::Fault;
  if (word == "end_call") return abi::Overrun::EndCall;
  table.diagnostics().error(table.at("overrun"), "`overrun` of " + table.what() + " is " + ticked(word),
                            "it is throttle (wait), fault (stop the silo) or end_call (a call that used it up ends)");
  return abi::Overrun::Throttle;
}

Schedule::Window read_window(TomlTable& table) {
  Schedule::Window window{.at = table.at()};
  window.silos = table.strings("silos", "silos = [\"a\"]").value_or(std::vector<Reference>{});
  window.start = narrow(table.time("start", 0, abi::kPeriodMaximum).value_or(0));
  window.length = narrow(table.time("length", 1, abi::kPeriodMaximum).value_or(0));
  for (const char* key : {"silos", "start", "length"}) {
    if (table.has(key)) continue;
    table.diagnostics().error(table.at(), table.what() + " has no " + ticked(key),
                              "write { silos = [\"a\"], start = \"0 ms\", length = \"5 ms\" }");
  }
  return window;
}

Schedule read_schedule(const std::string& name, TomlTable& table) {
  Schedule schedule{.name = name, .at = table.at()};
  const bool is_core = name.size() == 5 && name.starts_with("core") && name[4] >= '0' && name[4] < '0' + char{kCores};
  if (is_core) {
    schedule.core = narrow(static_cast<std::uint64_t>(name[4] - '0'));
  } else {
    table.diagnostics().error(table.at(), table.what() + " is not that of a core", "call it [schedule.core0]");
  }
  schedule.frame = narrow(table.time("frame", abi::kPeriodMinimum, abi::kPeriodMaximum).value_or(0));
  if (!table.has("frame"))
    table.diagnostics().error(table.at(), table.what() + " has no `frame`",
                              "say after what time the windows begin anew: frame = \"20 ms\"");
  const std::string slack = table.string("slack", "slack = \"idle\"").value_or("idle");
  schedule.slack_for_others = slack == "others";
  if (slack != "others" && slack != "idle")
    table.diagnostics().error(table.at("slack"), "`slack` of " + table.what() + " is " + ticked(slack),
                              "between the windows nobody runs (idle), or who is in no window (others)");
  table.array("windows", "window", " of " + table.what(),
              [&](TomlTable& window) { schedule.windows.push_back(read_window(window)); });
  if (!table.has("windows"))
    table.diagnostics().error(table.at(), table.what() + " has no `windows`",
                              "windows = [{ silos = [\"a\"], start = \"0 ms\", length = \"5 ms\" }]");
  return schedule;
}

}  // namespace

Budget read_budget(TomlTable& table) {
  Budget budget{.at = table.at("budget")};
  budget.amount = narrow(table.time("budget", abi::kBudgetMinimum, abi::kPeriodMaximum).value_or(0));
  budget.period = narrow(table.time("period", abi::kPeriodMinimum, abi::kPeriodMaximum).value_or(0));
  budget.overrun = read_overrun(table);
  const auto lacks = [&](const char* there, const char* missing, const char* example) {
    table.diagnostics().error(table.at(there), table.what() + " has " + ticked(there) + " and no " + ticked(missing),
                              std::string("write both: ") + example);
  };
  const char* const both = "budget = \"2 ms\", period = \"10 ms\"";
  if (table.has("budget") && !table.has("period")) lacks("budget", "period", both);
  if (!table.has("budget") && table.has("period")) lacks("period", "budget", both);
  if (!table.has("budget") && !table.has("period") && table.has("overrun")) lacks("overrun", "budget", both);
  if (budget.period != 0 && budget.amount > budget.period)
    table.diagnostics().error(budget.at,
                              "`budget` of " + table.what() + " is " + time_text(budget.amount) +
                                  ", more than its period of " + time_text(budget.period),
                              "a budget is a part of its period; leave both out for no limit");
  return budget;
}

void read_schedules(Manifest& manifest, TomlTable& root) {
  root.tables("schedule", "schedule", "", [&](const std::string& name, TomlTable& table) {
    manifest.schedules.push_back(read_schedule(name, table));
  });
}

}  // namespace tool
