package io.podlb.control;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options that are not given are taken from the environment: {@code --node-name} from {@code PODLB_NODE_NAME}. An empty
 * variable counts as none, as container files like to have them. Immutable.
 */
final class Environment implements IDefaultValueProvider {

    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (argument instanceof OptionSpec option && !option.usageHelp() && !option.versionHelp()) {
            String value = variables.get(variable(option));
            return value == null || value.isEmpty() ? null : value;
        }
        return null;
    }

    /** {@code PODLB_NODE_NAME} for {@code --node-name}. */
    static String variable(OptionSpec option) {
        return "PODLB_"
                + option.longestName().replaceFirst("^-+", "").replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
