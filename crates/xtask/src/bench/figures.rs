//! Measurements and their statistics.

use serde::Serialize;
use statrs::statistics::{Data, OrderStatistics};

/// Values in the order of measurement.
#[derive(Debug, Default, Clone)]
pub struct Series(pub Vec<f64>);

/// A median and quartiles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Middle {
    pub median: f64,
    pub lower_quartile: f64,
    pub upper_quartile: f64,
}

impl Series {
    /// The median and quartiles.
    pub fn middle(&self) -> Middle {
        let mut data = Data::new(self.0.clone());
        let (median, lower_quartile, upper_quartile) = (data.median(), data.lower_quartile(), data.upper_quartile());
        Middle { median, lower_quartile, upper_quartile }
    }

    /// The 99th percentile.
    pub fn percentile_99(&self) -> f64 {
        Data::new(self.0.clone()).percentile(99)
    }

    /// Each value divided by the one measured at the same position.
    pub fn divided_by(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one / other).collect())
    }
}

/// All measurements of one program. Times are in milliseconds, memory in MiB.
#[derive(Debug, Default, Clone)]
pub struct Measured {
    pub init: Series,
    pub first_event: Series,
    pub cold: Series,
    pub cold_cpu: Series,
    pub warm_event: Series,
    pub warm_create: Series,
    pub warm_delete: Series,
    pub warm_cpu: Series,
    pub cold_peak_rss: Series,
    pub peak_rss: Series,
    pub rss_after_100: Series,
    pub rss_at_end: Series,
    pub calls_per_event: Series,
    pub chime_connections: Series,
    pub bucket_connections: Series,
    pub executable: Series,
    pub zip: Series,
    pub init_instructions: Series,
    pub first_event_instructions: Series,
}

/// A line of the table.
#[derive(Debug, Serialize)]
pub struct Line {
    pub what: &'static str,
    pub unit: &'static str,
    #[serde(skip)]
    pub decimals: usize,
    pub value: f64,
    /// The quartiles, unless they are equal.
    pub spread: Option<[f64; 2]>,
    /// The comparison with the other program.
    #[serde(flatten)]
    pub versus: Option<Versus>,
}

/// The other program's value, and the median and quartiles of the ratios.
#[derive(Debug, Serialize)]
pub struct Versus {
    pub other: f64,
    pub ratio: f64,
    pub ratio_spread: Option<[f64; 2]>,
}

impl Measured {
    /// The table, with `other` beside it.
    pub fn lines(&self, other: Option<&Self>) -> Vec<Line> {
        type Of = fn(&Measured) -> &Series;
        let whole: [(&'static str, &'static str, usize, Of); 16] = [
            ("executable", "MB", 2, |it| &it.executable),
            ("zip", "MB", 2, |it| &it.zip),
            ("init", "ms", 2, |it| &it.init),
            ("first event", "ms", 2, |it| &it.first_event),
            ("init + first event", "ms", 2, |it| &it.cold),
            ("processor, init + first event", "ms", 2, |it| &it.cold_cpu),
            ("peak memory, init + first event", "MiB", 2, |it| &it.cold_peak_rss),
            ("warm event, median", "ms", 2, |it| &it.warm_event),
            ("warm create, median", "ms", 2, |it| &it.warm_create),
            ("warm delete, median", "ms", 2, |it| &it.warm_delete),
            ("processor, warm event", "ms", 2, |it| &it.warm_cpu),
            ("peak memory, all events", "MiB", 2, |it| &it.peak_rss),
            ("memory after 100 warm events", "MiB", 2, |it| &it.rss_after_100),
            ("memory after the last", "MiB", 2, |it| &it.rss_at_end),
            ("instructions, init", "M", 2, |it| &it.init_instructions),
            ("instructions, first event", "M", 2, |it| &it.first_event_instructions),
        ];
        let counts: [(&'static str, &'static str, usize, Of); 3] = [
            ("Chime calls, each event", "", 2, |it| &it.calls_per_event),
            ("connections to Chime", "", 0, |it| &it.chime_connections),
            ("connections to the bucket", "", 0, |it| &it.bucket_connections),
        ];
        let mut lines: Vec<Line> = Vec::new();
        for (what, unit, decimals, of) in whole.into_iter().chain(counts) {
            if of(self).0.is_empty() {
                continue;
            }
            let middle = of(self).middle();
            let versus = other.map(|other| {
                let ratio = of(other).divided_by(of(self)).middle();
                Versus { other: of(other).middle().median, ratio: ratio.median, ratio_spread: spread(ratio) }
            });
            lines.push(Line { what, unit, decimals, value: middle.median, spread: spread(middle), versus });
            if what == "warm event, median" {
                let value = self.warm_event.percentile_99();
                let versus = other.map(|other| {
                    let other = other.warm_event.percentile_99();
                    Versus { other, ratio: other / value, ratio_spread: None }
                });
                lines.push(Line { what: "warm event, 99th percentile", unit, decimals, value, spread: None, versus });
            }
        }
        lines
    }
}

/// The quartiles, unless they are equal.
fn spread(middle: Middle) -> Option<[f64; 2]> {
    let spread = [middle.lower_quartile, middle.upper_quartile];
    (spread[0] != spread[1]).then_some(spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(numbers: &[f64]) -> Series {
        Series(numbers.to_vec())
    }

    #[test]
    fn a_ratio_is_the_median_of_ratios_and_not_the_ratio_of_medians() {
        let (one, other) = (series(&[1.0, 10.0, 100.0]), series(&[2.0, 30.0, 200.0]));
        assert_eq!(other.divided_by(&one).0, [2.0, 3.0, 2.0]);
        let measured = |init: Series| Measured { init, ..Measured::default() };
        let lines = measured(one).lines(Some(&measured(other)));
        assert_eq!(lines.len(), 1);
        let versus = lines[0].versus.as_ref().unwrap();
        assert_eq!((lines[0].value, versus.other, versus.ratio), (10.0, 30.0, 2.0));
    }

    #[test]
    fn one_percent_of_the_events_may_be_slower_than_the_percentile() {
        let numbers: Vec<f64> = (1..=1000).map(f64::from).collect();
        let percentile = series(&numbers).percentile_99();
        assert!((989.0..=991.0).contains(&percentile), "{percentile}");
        assert_eq!(series(&numbers).middle().median, 500.5);
    }

    #[test]
    fn equal_values_have_no_spread() {
        let measured = Measured { zip: series(&[2.0]), init: series(&[1.0, 2.0, 3.0, 4.0]), ..Measured::default() };
        let spreads: Vec<_> = measured.lines(None).iter().map(|line| line.spread.is_some()).collect();
        assert_eq!(spreads, [false, true]);
    }
}
