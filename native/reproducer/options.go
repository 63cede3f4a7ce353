package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/ioutil"
	"strconv"
	"strings"
	"time"
)

type options struct {
	duration    time.Duration
	gomaxprocs  int
	threads     int
	profile     bool
	profileRate int
	warm        bool
	goroutines  bool
	spin        bool
	// help is the text to print instead of running, if it was asked for.
	help string
}

// readOptions reads flags, and for each one the environment variable CGO_DEADLOCK_<NAME>; a flag
// wins. An error names the flag or variable, the value and what is allowed.
func readOptions(arguments []string, lookupEnv func(string) (string, bool)) (options, error) {
	o := options{gomaxprocs: 2, threads: 1, profile: true, profileRate: defaultProfileRate, goroutines: true}
	flags := flag.NewFlagSet("reproducer", flag.ContinueOnError)
	flags.SetOutput(ioutil.Discard)
	flags.Var(durationValue{&o.duration}, "duration", "end after this `time`; 0: never")
	flags.Var(intValue{&o.gomaxprocs, 256}, "gomaxprocs", "GOMAXPROCS")
	flags.Var(intValue{&o.threads, maxThreads}, "threads", "how many threads throw")
	flags.Var(boolValue{&o.profile}, "profile", "take CPU profiles")
	flags.Var(intValue{&o.profileRate, 10000}, "profile-rate", "profiling signals per second of CPU time")
	flags.Var(boolValue{&o.warm}, "warm", "use the symbolizer once before the throwing begins")
	flags.Var(boolValue{&o.goroutines}, "goroutines", "dump all goroutines in each loop")
	flags.Var(boolValue{&o.spin}, "spin", "throw nothing: profile plain C++ code for a second, print that, and end")

	if err := setFromEnvironment(flags, lookupEnv); err != nil {
		return o, err
	}
	err := flags.Parse(arguments)
	if err == flag.ErrHelp {
		o.help = helpText(flags)
		return o, nil
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("argument %q is not a flag", flags.Arg(0))
	}
	if err != nil {
		return o, fmt.Errorf("%v (-help lists the flags)", err)
	}
	return o, nil
}

func variableOf(flagName string) string {
	return "CGO_DEADLOCK_" + strings.ToUpper(strings.Replace(flagName, "-", "_", -1))
}

func setFromEnvironment(flags *flag.FlagSet, lookupEnv func(string) (string, bool)) error {
	var first error
	flags.VisitAll(func(f *flag.Flag) {
		variable := variableOf(f.Name)
		text, found := lookupEnv(variable)
		if !found || first != nil {
			return
		}
		if err := f.Value.Set(text); err != nil {
			first = fmt.Errorf("invalid value %q for environment variable %s (flag -%s): %v",
				text, variable, f.Name, err)
		}
	})
	return first
}

func helpText(flags *flag.FlagSet) string {
	var text bytes.Buffer
	text.WriteString("Throws C++ exceptions for ever while the Go side profiles itself.\n\n")
	flags.VisitAll(func(f *flag.Flag) {
		fmt.Fprintf(&text, "  -%s=%s\n    \t%s (%s)\n", f.Name, f.DefValue, f.Usage, variableOf(f.Name))
	})
	return text.String()
}

type durationValue struct{ target *time.Duration }

func (v durationValue) String() string {
	if v.target == nil || *v.target == 0 {
		return "0"
	}
	return v.target.String()
}

func (v durationValue) Set(text string) error {
	duration, err := time.ParseDuration(text)
	if err != nil || duration < 0 {
		return errors.New("give 0 or a time with its unit, such as 1500ms, 30s or 2m")
	}
	*v.target = duration
	return nil
}

type intValue struct {
	target *int
	max    int
}

func (v intValue) String() string {
	if v.target == nil {
		return ""
	}
	return strconv.Itoa(*v.target)
}

func (v intValue) Set(text string) error {
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > v.max {
		return fmt.Errorf("give a whole number from 1 to %d", v.max)
	}
	*v.target = number
	return nil
}

type boolValue struct{ target *bool }

func (v boolValue) String() string {
	if v.target == nil {
		return ""
	}
	return strconv.FormatBool(*v.target)
}

func (v boolValue) Set(text string) error {
	switch text {
	case "true", "1":
		*v.target = true
	case "false", "0":
		*v.target = false
	default:
		return errors.New("give true or false")
	}
	return nil
}

// IsBoolFlag tells the flag package that -name alone means -name=true.
func (v boolValue) IsBoolFlag() bool { return true }
