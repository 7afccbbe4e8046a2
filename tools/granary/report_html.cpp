// SPDX-License-Identifier: Apache-2.0
//
// The report for a reader (report.hpp): one page, with its pictures in it.
#include <algorithm>

#include "tools/granary/capabilities.hpp"
#include "tools/granary/generate.hpp"
#include "tools/granary/reach.hpp"
#include "tools/granary/report.hpp"
#include "tools/granary/svg.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.5 Helvetica,Arial,'DejaVu Sans',sans-serif;color:#1f2933;margin:2.5rem "
    "auto;max-width:68rem;padding:0 1.5rem}"
    "h1{font-size:1.9rem;margin:0 0 .2rem}h2{font-size:1.25rem;margin:2.6rem 0 .7rem;border-bottom:1px solid #dde3ea;"
    "padding-bottom:.3rem}h3{font-size:1rem;margin:1.5rem 0 .4rem}table{border-collapse:collapse;font-size:.86rem}"
    "th,td{padding:.28rem .7rem;text-align:left;border-bottom:1px solid #e8edf2;vertical-align:top}"
    "th{color:#6b7785;font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "p.lead{color:#6b7785;margin:.1rem 0 1rem}figure{margin:0;overflow-x:auto}figure "
    "svg{max-width:100%;height:auto}code{font-size:.85em}"
    ".reach td,.reach th{text-align:center;padding:.25rem .5rem}.reach th.s{text-align:right}"
    ".reach th.c{vertical-align:bottom;padding:0}.reach th.c div{position:relative;width:1.9em;margin:auto}"
    ".reach th.c span{position:absolute;bottom:.2rem;left:1.5em;white-space:nowrap;-webkit-transform:rotate(-90deg);"
    "transform:rotate(-90deg);-webkit-transform-origin:0 100%;transform-origin:0 100%}"
    ".reach .d{background:#dbe8f5}.reach .p{background:#fdf0d4}.reach .o{background:#f3f5f7}"
    ".warn{color:#b7791f}";

std::string cell(const std::string& text) { return "<td>" + escaped(text) + "</td>"; }
/// A sentence in which names stand in backticks.
std::string sentence(const std::string& text) {
  std::string out = "<td>";
  bool inside = false;
  for (const char letter : escaped(text)) {
    if (letter != '`')
      out += letter;
    else
      out += (inside = !inside) ? "<code>" : "</code>";
  }
  return out + (inside ? "</code></td>" : "</td>");
}
std::string number(const std::string& text) { return "<td class=\"n\">" + escaped(text) + "</td>"; }

std::string head(const std::vector<std::string>& names) {
  std::string out = "<tr>";
  for (const std::string& name : names) out += "<th>" + escaped(name) + "</th>";
  return out + "</tr>\n";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string threads(const Report& report) {
  std::string out = "<table>" + head({"silo", "thread", "core", "priority", "budget", "stack", "needs at most"});
  for (const Silo& silo : report.manifest.silos) {
    for (const Thread& thread : silo.threads) {
      std::string bound = "not known", unknown;
      for (const StackBound& one : report.stacks)
        if (one.silo == silo.name && one.thread == thread.name) {
          bound = std::to_string(one.bytes) + " B" + (one.unknown.empty() ? "" : " and more");
          unknown = one.unknown;
        }
      out +=
          "<tr>" + cell(silo.name) + cell(thread.name) + number(std::to_string(thread.core)) +
          number(std::to_string(thread.priority)) +
          cell(thread.budget.period == 0 ? ""
                                         : time_text(thread.budget.amount) + " in " + time_text(thread.budget.period)) +
          number(size_text(thread.stack_bytes)) + "<td class=\"n\" title=\"" + escaped(unknown) + "\">" +
          escaped(bound) + "</td></tr>\n";
    }
  }
  return out + "</table>\n";
}

std::string capabilities(const Report& report) {
  std::string out;
  for (const Silo& silo : report.manifest.silos) {
    out += "<h3>" + escaped(silo.name) + "</h3>\n<table>" + head({"slot", "name", "type", "rights", "badge", ""});
    for (const Capability& capability : capabilities_of(report.manifest, silo))
      out += "<tr>" + number(std::to_string(capability.slot)) + cell(capability.name) +
             cell(type_word(capability.type)) + cell(joined(rights_words(capability.rights))) +
             number(capability.badge == 0 ? "" : std::to_string(capability.badge)) + sentence(capability.about) +
             "</tr>\n";
    out += "</table>\n";
  }
  return out;
}

std::string reach_table(const Report& report) {
  const Reach reach(report.manifest);
  // Many names side by side are wider than a page: they stand upright then.
  const bool upright = report.manifest.silos.size() > 8;
  std::string out = "<figure><table class=\"reach\"><tr><th></th>";
  std::size_t longest = 0;
  for (const Silo& to : report.manifest.silos) longest = std::max(longest, to.name.size());
  const std::string height = std::to_string(2 + longest * 6 / 10);
  for (const Silo& to : report.manifest.silos)
    out +=
        (upright ? "<th class=\"c\"><div style=\"height:" + height + "em\"><span>" + escaped(to.name) + "</span></div>"
                 : "<th>" + escaped(to.name)) +
        "</th>";
  out += "</tr>\n";
  for (const Silo& from : report.manifest.silos) {
    out += "<tr><th class=\"s\">" + escaped(from.name) + "</th>";
    for (const Silo& to : report.manifest.silos) {
      const std::vector<std::string> way =
          from.name == to.name ? std::vector<std::string>{} : reach.way(from.name, to.name);
      const bool direct = !way.empty() && reach.directly(from.name, to.name);
      out += std::string("<td class=\"") +
             (from.name == to.name ? "o"
              : way.empty()        ? ""
              : direct             ? "d"
                                   : "p") +
             "\" title=\"" + escaped(joined(way)) + "\">" +
             (way.empty() ? ""
              : direct    ? "●"
                          : "○") +
             "</td>";
    }
    out += "</tr>\n";
  }
  return out + "</table></figure>\n";
}

std::string memory_table(const Report& report) {
  std::string out = "<table>" + head({"silo", "region", "from", "to", "size", "access"});
  for (std::size_t i = 0; i < report.layouts.size(); ++i)
    for (const Region& region : report.layouts[i].regions)
      out += "<tr>" + cell(report.manifest.silos[i].name) + cell(region.name) + number(hexadecimal(region.address)) +
             number(hexadecimal(region.address + region.bytes)) + number(size_text(region.bytes)) +
             cell((region.access & kExecute) != 0 ? "read, execute"
                  : (region.access & kWrite) != 0 ? "read, write"
                                                  : "read") +
             "</tr>\n";
  return out + "</table>\n";
}

std::string assertions(const Manifest& manifest) {
  if (manifest.assertions.empty()) return "";
  std::string out = "<h3>Assertions that hold</h3>\n<table>" + head({"", ""});
  for (const Assertion& one : manifest.assertions)
    out += "<tr>" + cell(one.deny ? "deny" : "only") + cell(one.from.name + " -> " + one.to.name) + "</tr>\n";
  return out + "</table>\n";
}

}  // namespace

std::string report_html(const Report& report) {
  const Manifest& manifest = report.manifest;
  std::uint64_t total = 0;
  for (const Layout& layout : report.layouts) total += layout.memory_bytes();
  const std::string schedule = schedule_picture(manifest);
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escaped(manifest.system) +
         "</title><style>" + kStyle + "</style></head><body>\n<h1>" + escaped(manifest.system) +
         "</h1>\n<p class=\"lead\">" + std::to_string(manifest.silos.size()) + " silos, " + size_text(total) +
         " of memory, system image " + size_text(report.image_bytes) + "; from " +
         escaped(manifest.file.filename().string()) + ".</p>\n<h2>Who talks to whom</h2>\n<figure>" + graph(manifest) +
         "</figure>\n<h2>Memory</h2>\n<figure>" + memory_picture(manifest, report.layouts) + "</figure>\n" +
         "<details><summary>Every region</summary>" + memory_table(report) + "</details>\n<h2>When they run</h2>\n" +
         (schedule.empty() ? "" : "<figure>" + schedule + "</figure>\n") + threads(report) +
         "<h2>What may reach what</h2>\n<p class=\"lead\">● by the manifest; ○ if what the manifest permits to pass on "
         "is passed on (rest the pointer on it for the way). Rows reach columns.</p>\n" +
         reach_table(report) + assertions(manifest) + "<h2>Capabilities</h2>\n" + capabilities(report) +
         "</body></html>\n";
}

}  // namespace tool
