// SPDX-License-Identifier: Apache-2.0
//
// Pictures of a report (report.hpp): memory as bars in proportion to pages, windows as bars in proportion to time.
#include <algorithm>
#include <cmath>
#include <map>

#include "tools/granary/report.hpp"
#include "tools/granary/svg.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

constexpr double kName = 150, kBar = 720, kRow = 40, kTop = 46;
constexpr const char* kInk = "fill=\"#1f2933\"";
constexpr const char* kGrey = "fill=\"#6b7785\" font-size=\"10.5\"";

struct Kind {
  const char* name;
  const char* colour;
};
constexpr Kind kKinds[] = {
    {"text", "#3b6ea5"}, {"rodata", "#7ba3c9"}, {"data", "#d39b3a"}, {"heap", "#b86a3c"}, {"stack", "#5b9a74"}};

const char* colour_of(const std::string& region) {
  for (const Kind& kind : kKinds)
    if (region.starts_with(kind.name)) return kind.colour;
  return "#8a94a0";
}

}  // namespace

std::string memory_picture(const Manifest& manifest, const std::vector<Layout>& layouts) {
  // Square roots, so that a heap of megabytes leaves the rest of it visible; every bar says what it is in numbers.
  const auto scale = [](std::uint64_t bytes) { return std::sqrt(static_cast<double>(bytes)); };
  double widest = 1;
  for (const Layout& layout : layouts) {
    double sum = 0;
    for (const Region& region : layout.regions) sum += scale(region.bytes);
    widest = std::max(widest, sum);
  }
  Svg svg;
  const double height = kTop + kRow * static_cast<double>(layouts.size()) + 10;
  double x = kName;
  for (const Kind& kind : kKinds) {
    svg.rectangle(x, 12, 11, 11, 2, std::string("fill=\"") + kind.colour + "\"");
    svg.text(x + 16, 21, kind.name, kGrey);
    x += 70;
  }
  svg.text(x + 6, 21, "the lengths are as the square roots of the sizes", kGrey);
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    const double y = kTop + kRow * static_cast<double>(i);
    svg.text(0, y + 14, manifest.silos[i].name, std::string(kInk) + " font-size=\"12.5\" font-weight=\"bold\"");
    svg.text(0, y + 26, size_text(layouts[i].memory_bytes()), kGrey);
    x = kName;
    for (const Region& region : layouts[i].regions) {
      const double width = std::max(3.0, scale(region.bytes) / widest * kBar);
      svg.open_group(region.name + ": " + hexadecimal(region.address) + ", " + size_text(region.bytes));
      svg.rectangle(x, y, width - 1.5, 22, 3, std::string("fill=\"") + colour_of(region.name) + "\"");
      const std::string size = size_text(region.bytes);
      if (width > static_cast<double>(size.size()) * 6 + 4)
        svg.text(x + width / 2 - 0.7, y + 15, size, "fill=\"#ffffff\" font-size=\"10.5\" text-anchor=\"middle\"");
      svg.close_group();
      x += width;
    }
  }
  return svg.picture(kName + kBar + 10, height, "Memory of " + manifest.system);
}

std::string schedule_picture(const Manifest& manifest) {
  if (manifest.schedules.empty()) return "";
  static constexpr const char* kColours[] = {"#3b6ea5", "#5b9a74", "#d39b3a", "#8d6bb0", "#b86a3c", "#4a9aa5"};
  Svg svg;
  double y = 10;
  for (const Schedule& schedule : manifest.schedules) {
    const auto place = [&](unsigned time) { return kName + kBar * time / schedule.frame; };
    svg.text(0, y + 16, schedule.name, std::string(kInk) + " font-size=\"12.5\" font-weight=\"bold\"");
    svg.text(0, y + 30, "frame " + time_text(schedule.frame), kGrey);
    svg.rectangle(kName, y, kBar, 30, 3, "fill=\"#eef1f4\"");
    if (schedule.slack_for_others)
      svg.text(kName + kBar - 6, y + 44, "between: the silos in no window",
               std::string(kGrey) + " text-anchor=\"end\"");
    std::map<std::string, const char*> colours;
    for (const Schedule::Window& window : schedule.windows) {
      std::string names;
      for (const Reference& silo : window.silos) names += (names.empty() ? "" : ", ") + silo.name;
      const auto known = colours.emplace(names, kColours[colours.size() % std::size(kColours)]).first;
      const double width = place(window.start + window.length) - place(window.start);
      svg.open_group(names + ": " + time_text(window.start) + ", for " + time_text(window.length));
      svg.rectangle(place(window.start), y, width - 1, 30, 3, std::string("fill=\"") + known->second + "\"");
      if (width > static_cast<double>(names.size()) * 6.4)
        svg.text(place(window.start) + width / 2, y + 19, names,
                 "fill=\"#ffffff\" font-size=\"11\" text-anchor=\"middle\"");
      svg.text(place(window.start), y + 44, time_text(window.start), kGrey);
      svg.close_group();
    }
    y += 64;
  }
  return svg.picture(kName + kBar + 10, y, "Windows of " + manifest.system);
}

}  // namespace tool
