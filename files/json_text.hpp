#pragma once

#include "files/printable.hpp"

#include <string>
#include <utility>

namespace kpmsim {

/// The texts in it as printable() shows them.
template <class Json>
void make_printable(Json& json) {
    if (json.is_string())
        json = printable(json.template get_ref<const std::string&>());
    else if (json.is_structured())
        for (Json& item : json)
            make_printable(item);
}

/// A document with whatever texts files, paths and meters have: JSON is UTF-8.
template <class Json>
std::string json_text(Json json, int indent = 2) {
    make_printable(json);
    return json.dump(indent);
}

} // namespace kpmsim
