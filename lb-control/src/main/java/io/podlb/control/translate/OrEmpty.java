package io.podlb.control.translate;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reading of model objects, whose getters return null where a manifest leaves something out or spells it as null. */
final class OrEmpty {

    private OrEmpty() {}

    /** The elements that are there. */
    static <T> List<T> list(@Nullable List<T> list) {
        return list == null ? List.of() : list.stream().filter(Objects::nonNull).toList();
    }

    static <K, V> Map<K, V> map(@Nullable Map<K, V> map) {
        return map == null ? Map.of() : map;
    }

    static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** Null for text that says nothing. */
    static @Nullable String orNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    static boolean isTrue(@Nullable Boolean flag) {
        return flag != null && flag;
    }
}
