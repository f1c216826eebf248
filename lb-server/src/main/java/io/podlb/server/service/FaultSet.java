package io.podlb.server.service;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All faults of one origin, which are replaced as one.
 *
 * @param rules in the order in which they are looked at
 */
public record FaultSet(List<FaultRule> rules) {

    /** No fault. */
    public static final FaultSet NONE = new FaultSet(List.of());

    /** Most rules that are read as one set. */
    public static final int MAX_RULES = 256;

    public FaultSet {
        rules = List.copyOf(rules);
    }

    public static FaultSet of(FaultRule... rules) {
        return new FaultSet(List.of(rules));
    }

    /**
     * Reads rules that are divided by line breaks or {@code |}; see {@link FaultRule#parse}.
     *
     * @throws IllegalArgumentException in one line with the rule and the word at fault and what was expected
     */
    public static FaultSet parse(String text) {
        return parse(Arrays.stream(text.split("[\\n|]"))
                .filter(rule -> !rule.isBlank())
                .toList());
    }

    /**
     * Reads rules that were divided already.
     *
     * @throws IllegalArgumentException as {@link #parse(String)}
     */
    public static FaultSet parse(List<String> texts) {
        if (texts.size() > MAX_RULES) {
            throw new IllegalArgumentException(
                    texts.size() + " rules (expected: at most " + MAX_RULES + ", since each connection looks at all)");
        }
        List<FaultRule> rules = new ArrayList<>();
        for (String text : texts) {
            try {
                rules.add(FaultRule.parse(text));
            } catch (IllegalArgumentException e) {
                String which = texts.size() == 1 ? "" : "rule " + (rules.size() + 1) + ": ";
                throw new IllegalArgumentException(which + e.getMessage(), e);
            }
        }
        return new FaultSet(rules);
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /** As {@link #parse(String)} reads it. */
    @Override
    public String toString() {
        return rules.stream().map(FaultRule::toString).collect(Collectors.joining(" | "));
    }
}
