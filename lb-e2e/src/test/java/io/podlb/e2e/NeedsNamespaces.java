package io.podlb.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs only where network namespaces and the servers and clients of a lab are at hand; in the strict mode of
 * {@code test.sh}, always.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsNamespaces.Condition.class)
public @interface NeedsNamespaces {

    /** Says what is missing. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (Boolean.getBoolean("podlb.test.strict")) {
                return ConditionEvaluationResult.enabled("strict: nothing is skipped");
            }
            List<String> missing = new ArrayList<>();
            if (!Shell.must("id", "-u").strip().equals("0")) {
                missing.add("root");
            }
            for (String tool : List.of("ip", "nginx", "curl", "dnsmasq", "dig")) {
                if (Shell.run("bash", "-c", "command -v " + tool).exit() != 0) {
                    missing.add(tool);
                }
            }
            return missing.isEmpty()
                    ? ConditionEvaluationResult.enabled("all tools are here")
                    : ConditionEvaluationResult.disabled("missing: " + missing);
        }
    }
}
