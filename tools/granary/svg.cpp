// SPDX-License-Identifier: Apache-2.0
//
// Shapes as SVG (svg.hpp).
#include "tools/granary/svg.hpp"

#include <cmath>

namespace tool {
namespace {

std::string number(double value) {
  const long tenths = std::lround(value * 10);
  std::string text = std::to_string(tenths / 10);
  if (tenths < 0 && tenths > -10) text = "-0";
  return tenths % 10 == 0 ? std::to_string(tenths / 10) : text + "." + std::to_string(std::abs(tenths % 10));
}

std::string attribute(const char* name, double value) { return std::string(" ") + name + "=\"" + number(value) + "\""; }

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

void Svg::rectangle(double x, double y, double width, double height, double corner, std::string_view attributes) {
  body_ += "<rect" + attribute("x", x) + attribute("y", y) + attribute("width", width) + attribute("height", height) +
           (corner > 0 ? attribute("rx", corner) : "") + " " + std::string(attributes) + "/>\n";
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view attributes) {
  body_ += "<line" + attribute("x1", x1) + attribute("y1", y1) + attribute("x2", x2) + attribute("y2", y2) + " " +
           std::string(attributes) + "/>\n";
}

void Svg::circle(double x, double y, double radius, std::string_view attributes) {
  body_ += "<circle" + attribute("cx", x) + attribute("cy", y) + attribute("r", radius) + " " +
           std::string(attributes) + "/>\n";
}

void Svg::arrow(double x, double y, bool to_the_right, std::string_view attributes) {
  const double back = x + (to_the_right ? -9 : 9);
  body_ += "<path d=\"M" + number(x) + " " + number(y) + "L" + number(back) + " " + number(y - 4.5) + "L" +
           number(back) + " " + number(y + 4.5) + "Z\" " + std::string(attributes) + "/>\n";
}

void Svg::text(double x, double y, std::string_view text, std::string_view attributes) {
  body_ += "<text" + attribute("x", x) + attribute("y", y) + " " + std::string(attributes) + ">" + escaped(text) +
           "</text>\n";
}

void Svg::open_group(std::string_view title) { body_ += "<g><title>" + escaped(title) + "</title>\n"; }
void Svg::close_group() { body_ += "</g>\n"; }

std::string Svg::picture(double width, double height, std::string_view title) const {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + attribute("width", width) + attribute("height", height) +
         " viewBox=\"0 0 " + number(width) + " " + number(height) +
         "\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" font-size=\"12\">\n<title>" + escaped(title) +
         "</title>\n" + body_ + "</svg>\n";
}

}  // namespace tool
