// SPDX-License-Identifier: Apache-2.0
//
// `granary graph`: who may reach whom, as a wiring picture. Silos are columns, in the bands of their cores, with what
// they have of the machine below their names; each link is a row, from those that give to it (dots) to those that take
// from it (arrows). Nothing crosses but the columns of silos that a link passes by, so a picture of many is as easy to
// read as one of two. Links of a refused wait cycle are red. Silos of a core that nothing leads to or from, but that
// somebody may look at them, share one column if they are several.
#include <algorithm>
#include <map>

#include "tools/granary/generate.hpp"
#include "tools/granary/links.hpp"
#include "tools/granary/svg.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

constexpr double kTop = 64, kCardHeight = 58, kRow = 38, kChip = 20, kMargin = 24, kName = 108;
constexpr std::size_t kGroupMinimum = 4;
constexpr const char* kInk = "fill=\"#1f2933\"";
constexpr const char* kGrey = "fill=\"#6b7785\" font-size=\"10.5\"";

std::string colour_of(const Link& link) {
  static const std::map<std::string, const char*> kColours{
      {"port", "#2563a8"},         {"channel", "#2f855a"},   {"async", "#0f7c85"},
      {"notification", "#b7791f"}, {"semaphore", "#805ad5"}, {"region", "#97532b"},
      {"name", "#5a67d8"},         {"observes", "#718096"},  {"children", "#718096"}};
  return link.in_cycle ? "#c53030" : kColours.at(link.kind);
}

std::string fill(const std::string& colour) { return "fill=\"" + colour + "\""; }

/// About what a sans-serif font needs.
double width_of(const std::string& text, double size) { return static_cast<double>(text.size()) * size * 0.56; }

class Picture {
 public:
  explicit Picture(const Manifest& manifest) : manifest_(manifest), links_(links_of(manifest)) {
    for (const Silo& silo : manifest.silos) order_.push_back(&silo);
    std::stable_sort(order_.begin(), order_.end(), [](const Silo* a, const Silo* b) { return core(*a) < core(*b); });
    for (const Link& link : links_)
      left_ = std::max({left_, kName + width_of(link.name, 13.5) + 16, kName + width_of(link.detail, 10.5) + 16});
    gather_bystanders();
    double x = left_;
    for (const Silo* silo : order_) {
      if (const Silo* const first = first_of_group(*silo); first != nullptr && first != silo) {
        x_[silo->name] = x_[first->name];
        width_of_[silo->name] = width_of_[first->name];
        continue;
      }
      const double width = first_of_group(*silo) == nullptr ? needed_by(*silo) : group_width(group_of(*silo));
      width_of_[silo->name] = width;
      x_[silo->name] = x + width / 2;
      x += width;
    }
    for (const Silo* silo : order_) chips_ = std::max(chips_, machine_of(*silo).size());
    double below_cards = kCardHeight + 12 + static_cast<double>(chips_) * kChip;
    for (const auto& [core, group] : bystanders_) below_cards = std::max(below_cards, group_height(group) + 4);
    rows_top_ = kTop + 30 + below_cards + 14;
    bottom_ = rows_top_ + static_cast<double>(links_.size()) * kRow + 10;
    width_ = x + kMargin;
  }

  std::string draw() {
    const bool is_refused = std::any_of(links_.begin(), links_.end(), [](const Link& link) { return link.in_cycle; });
    const double height = bottom_ + (is_refused ? 48 : 32);
    svg_.rectangle(0, 0, width_, height, 0, "fill=\"#ffffff\"");
    svg_.text(kMargin, 32, manifest_.system, std::string(kInk) + " font-size=\"20\" font-weight=\"bold\"");
    svg_.text(kMargin, 50, summary(), kGrey);
    cores();
    for (const Silo* silo : order_)
      if (first_of_group(*silo) == nullptr) column(*silo);
    for (const auto& [core, group] : bystanders_) column_of(group);
    double y = rows_top_ + kRow / 2;
    std::string kind;
    for (const Link& link : links_) {
      if (link.kind != kind && !kind.empty())
        svg_.line(kMargin, y - kRow / 2, width_ - kMargin, y - kRow / 2, "stroke=\"#dde3ea\"");
      kind = link.kind;
      row(link, y);
      y += kRow;
    }
    svg_.text(kMargin, bottom_ + 18, "A dot gives to the link, an arrow takes from it.", kGrey);
    if (is_refused)
      svg_.text(kMargin, bottom_ + 34, "Red: silos that can wait for one another for ever.",
                "fill=\"#c53030\" font-size=\"10.5\" font-weight=\"bold\"");
    return svg_.picture(width_, height, manifest_.system + ": silos and links");
  }

 private:
  static unsigned core(const Silo& silo) { return silo.threads.front().core; }

  using Group = std::vector<const Silo*>;

  /// Nothing leads to it or from it, but that others may look at it; and it has nothing of the machine.
  bool is_bystander(const Silo& silo) const {
    for (const Link& link : links_)
      for (const LinkUser& user : link.users)
        if (user.silo == silo.name && (user.gives || (link.kind != "observes" && link.kind != "children")))
          return false;
    return machine_of(silo).empty() && silo.threads.size() == 1 && !silo.verdict && !silo.is_operator;
  }
  std::string watchers_of(const Silo& silo) const {
    std::string watchers;
    for (const Link& link : links_)
      for (const LinkUser& user : link.users)
        if (user.silo == silo.name) watchers += link.kind + link.name + ' ';
    return watchers;
  }
  /// Those of each core that are worth a column of their own together, to the end of their core.
  void gather_bystanders() {
    for (const Silo* silo : order_) {
      if (!is_bystander(*silo)) continue;
      Group& group = bystanders_[core(*silo)];
      // The column's arrows hold for all in it.
      if (group.empty() || watchers_of(*silo) == watchers_of(*group.front())) group.push_back(silo);
    }
    std::erase_if(bystanders_, [](const auto& of_core) { return of_core.second.size() < kGroupMinimum; });
    std::stable_sort(order_.begin(), order_.end(), [this](const Silo* a, const Silo* b) {
      return std::pair(core(*a), first_of_group(*a) != nullptr) < std::pair(core(*b), first_of_group(*b) != nullptr);
    });
  }
  /// Null: it has a column of its own.
  const Silo* first_of_group(const Silo& silo) const {
    const auto of_core = bystanders_.find(core(silo));
    if (of_core == bystanders_.end()) return nullptr;
    const Group& group = of_core->second;
    return std::find(group.begin(), group.end(), &silo) == group.end() ? nullptr : group.front();
  }
  const Group& group_of(const Silo& silo) const { return bystanders_.at(core(silo)); }
  static std::size_t names_across(const Group& group) { return group.size() > 5 ? 2 : 1; }
  static double name_width(const Group& group) {
    double width = 40;
    for (const Silo* silo : group) width = std::max(width, width_of(silo->name, 10.5) + 12);
    return width;
  }
  static double group_width(const Group& group) {
    return std::max(110.0, name_width(group) * static_cast<double>(names_across(group)) + 36);
  }
  static double group_height(const Group& group) {
    const std::size_t across = names_across(group);
    return 34 + 14 * static_cast<double>((group.size() + across - 1) / across);
  }

  void column_of(const Group& group) {
    const Silo& first = *group.front();
    const double x = x_[first.name], width = width_of_[first.name] - 18, top = kTop + 30, height = group_height(group);
    svg_.line(x, top + height, x, bottom_ - 8, "stroke=\"#c3ccd6\" stroke-width=\"1.4\"");
    svg_.open_group(std::to_string(group.size()) + " silos without links");
    svg_.rectangle(x - width / 2, top, width, height, 7,
                   "fill=\"#ffffff\" stroke=\"#52606d\" stroke-width=\"1.2\" stroke-dasharray=\"5 3\"");
    svg_.text(x, top + 20, std::to_string(group.size()) + " silos without links",
              std::string(kInk) + " font-size=\"12\" font-weight=\"bold\" text-anchor=\"middle\"");
    const std::size_t across = names_across(group);
    const double pitch = name_width(group), left = x - pitch * (static_cast<double>(across) - 1) / 2;
    for (std::size_t i = 0; i < group.size(); ++i)
      svg_.text(left + pitch * static_cast<double>(i % across), top + 37 + 14 * static_cast<double>(i / across),
                group[i]->name, std::string(kGrey) + " text-anchor=\"middle\"");
    svg_.close_group();
  }

  /// A column is as wide as its words.
  double needed_by(const Silo& silo) const {
    double width = std::max(96.0, width_of(silo.name, 13.5) + 36);
    if (silo.threads.front().budget.period != 0 && silo.restart.mode != abi::RestartMode::Never)
      width = std::max(width, 168.0);
    if (silo.threads.front().budget.period != 0 || silo.verdict) width = std::max(width, 118.0);
    for (const auto& [name, is_interrupt] : machine_of(silo)) width = std::max(width, width_of(name, 11) + 50);
    for (const Link& link : links_)
      for (const LinkUser& user : link.users)
        if (user.silo == silo.name) width = std::max(width, width_of(user.rights, 10.5) + 24);
    return width;
  }

  std::string summary() const {
    const auto count = [](std::size_t number, const std::string& word) {
      return std::to_string(number) + " " + word + (number == 1 ? "" : "s");
    };
    return count(order_.size(), "silo") + ", " + count(links_.size(), "link");
  }

  /// Devices and interrupt lines of a silo, for the chips below its name.
  std::vector<std::pair<std::string, bool>> machine_of(const Silo& silo) const {
    std::vector<std::pair<std::string, bool>> names;
    for (const Device& device : manifest_.devices)
      if (device.silo.name == silo.name) names.emplace_back(device.name, false);
    for (const InterruptLine& line : manifest_.interrupts)
      if (line.silo.name == silo.name) names.emplace_back(line.name, true);
    return names;
  }

  void cores() {
    for (std::size_t i = 0; i < order_.size();) {
      std::size_t end = i;
      while (end < order_.size() && core(*order_[end]) == core(*order_[i])) ++end;
      const Silo &first = *order_[i], &last = *order_[end - 1];
      const double x = x_[first.name] - width_of_[first.name] / 2 + 3;
      const double width = x_[last.name] + width_of_[last.name] / 2 - 3 - x;
      svg_.rectangle(x, kTop, width, bottom_ - kTop, 8,
                     core(*order_[i]) % 2 == 0 ? "fill=\"#f2f6fa\"" : "fill=\"#f6f4ee\"");
      svg_.text(x + 10, kTop + 19, "core " + std::to_string(core(*order_[i])),
                "fill=\"#52606d\" font-size=\"11.5\" font-weight=\"bold\" letter-spacing=\"0.6\"");
      i = end;
    }
  }

  void column(const Silo& silo) {
    const double x = x_[silo.name], width = width_of_[silo.name] - 18, top = kTop + 30;
    const Thread& main = silo.threads.front();
    svg_.line(x, top + kCardHeight, x, bottom_ - 8, "stroke=\"#c3ccd6\" stroke-width=\"1.4\"");
    svg_.open_group("silo " + silo.name);
    svg_.rectangle(x - width / 2, top, width, kCardHeight, 7,
                   "fill=\"#ffffff\" stroke=\"#52606d\" stroke-width=\"1.2\"");
    std::string more;
    if (main.budget.period != 0) more = time_text(main.budget.amount) + " in " + time_text(main.budget.period);
    if (silo.restart.mode != abi::RestartMode::Never)
      more += (more.empty() ? "restarts" : ", restarts") +
              (silo.restart.limit == 0 ? std::string() : " " + std::to_string(silo.restart.limit) + "x");
    if (more.empty() && silo.threads.size() > 1) more = std::to_string(silo.threads.size()) + " threads";
    if (more.empty() && silo.is_operator) more = "operator";
    if (more.empty() && silo.verdict) more = "gives the verdict";
    svg_.text(x, top + (more.empty() ? 25 : 20), silo.name,
              std::string(kInk) + " font-size=\"13\" font-weight=\"bold\" text-anchor=\"middle\"");
    const std::string centred = std::string(kGrey) + " text-anchor=\"middle\"";
    svg_.text(x, top + (more.empty() ? 41 : 36), "priority " + std::to_string(main.priority), centred);
    svg_.text(x, top + 50, more, centred);
    svg_.close_group();
    double y = top + kCardHeight + 8;
    for (const auto& [name, is_interrupt] : machine_of(silo)) {
      const double chip = std::min(width, width_of(name, 10.5) + 30);
      svg_.rectangle(x - chip / 2, y, chip, 16, 3,
                     is_interrupt ? "fill=\"#fff6dd\" stroke=\"#d69e2e\"" : "fill=\"#e6eef7\" stroke=\"#6787a8\"");
      const double icon = x - chip / 2 + 9;
      if (is_interrupt) {
        svg_.line(icon - 3, y + 8, icon + 3, y + 8, "stroke=\"#b7791f\" stroke-width=\"1.5\"");
        svg_.line(icon, y + 4, icon, y + 12, "stroke=\"#b7791f\" stroke-width=\"1.5\"");
      } else {
        svg_.rectangle(icon - 3, y + 5, 6, 6, 0, "fill=\"#6787a8\"");
      }
      svg_.text(x + 7, y + 12, name, "fill=\"#3e4c59\" font-size=\"10.5\" text-anchor=\"middle\"");
      y += kChip;
    }
  }

  static bool takes(const Link& link, const std::string& silo) {
    return std::any_of(link.users.begin(), link.users.end(),
                       [&](const LinkUser& user) { return user.silo == silo && user.takes; });
  }

  void row(const Link& link, double y) {
    const std::string colour = colour_of(link);
    svg_.open_group(link.kind + " " + link.name);
    svg_.text(kMargin, y - 1, link.kind, fill(colour) + " font-size=\"10.5\" font-weight=\"bold\"");
    svg_.text(kName, y - 1, link.name, std::string(kInk) + " font-size=\"12.5\" font-weight=\"bold\"");
    svg_.text(kName, y + 11, link.detail, kGrey);
    double first = width_, last = 0;
    for (const LinkUser& user : link.users) {
      first = std::min(first, x_[user.silo]);
      last = std::max(last, x_[user.silo]);
    }
    const bool is_dashed = link.kind == "name" || link.kind == "observes" || link.kind == "children";
    svg_.line(first, y, last, y,
              "stroke=\"" + colour + "\" stroke-width=\"1.8\"" + (is_dashed ? " stroke-dasharray=\"5 4\"" : ""));
    for (const LinkUser& user : link.users) {
      const double x = x_[user.silo];
      if (const Silo* const shared = first_of_group(*manifest_.find_silo(user.silo));
          shared != nullptr && shared->name != user.silo && takes(link, shared->name))
        continue;  // one arrow for all of a column
      if (user.takes) {
        // From where something comes: the side on which somebody else gives.
        const auto from = [&](bool left) {
          return std::any_of(link.users.begin(), link.users.end(), [&](const LinkUser& other) {
            return other.gives && other.silo != user.silo && (x_[other.silo] < x) == left;
          });
        };
        if (from(true)) svg_.arrow(x - (user.gives ? 4 : 0), y, true, fill(colour));
        if (from(false)) svg_.arrow(x + (user.gives ? 4 : 0), y, false, fill(colour));
        if (!from(true) && !from(false))
          svg_.circle(x, y, 4, "fill=\"#ffffff\" stroke-width=\"1.8\" stroke=\"" + colour + "\"");
      }
      if (user.gives) svg_.circle(x, y, 4, fill(colour));
      // Twice, as not everything that draws SVG knows paint-order: first a halo, then the letters.
      const std::string words = "font-size=\"10\" text-anchor=\"middle\" ";
      svg_.text(x, y - 8, user.rights, words + "fill=\"none\" stroke=\"#f4f6f7\" stroke-width=\"3\"");
      svg_.text(x, y - 8, user.rights, words + fill(colour));
    }
    svg_.close_group();
  }

  const Manifest& manifest_;
  std::vector<Link> links_;
  std::vector<const Silo*> order_;
  std::map<unsigned, Group> bystanders_;  ///< by core
  std::map<std::string, double> x_, width_of_;
  Svg svg_;
  std::size_t chips_ = 0;
  double rows_top_ = 0, bottom_ = 0, width_ = 0, left_ = 190;
};

}  // namespace

std::string graph(const Manifest& manifest) { return Picture(manifest).draw(); }

}  // namespace tool
