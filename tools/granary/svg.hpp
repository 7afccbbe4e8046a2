// SPDX-License-Identifier: Apache-2.0
//
// Svg: a picture in SVG, drawn shape by shape. Knows nothing of systems; texts are escaped here, numbers are rounded to
// tenths so that pictures do not depend on the machine.
#pragma once

#include <string>
#include <string_view>

namespace tool {

/// &, <, > and " as XML and HTML want them.
std::string escaped(std::string_view text);

class Svg {
 public:
  /// Attributes of the shapes that follow: `fill="#fff" stroke="none"`.
  void rectangle(double x, double y, double width, double height, double corner, std::string_view attributes);
  void line(double x1, double y1, double x2, double y2, std::string_view attributes);
  void circle(double x, double y, double radius, std::string_view attributes);
  /// A triangle whose tip is at (x, y), pointing right or left.
  void arrow(double x, double y, bool to_the_right, std::string_view attributes);
  void text(double x, double y, std::string_view text, std::string_view attributes);
  /// What a browser shows when the pointer rests on the shapes between.
  void open_group(std::string_view title);
  void close_group();

  /// The whole file.
  std::string picture(double width, double height, std::string_view title) const;

 private:
  std::string body_;
};

}  // namespace tool
